"""The OpenAPI document: valid, complete, and saying what the code does."""

import pytest
from django.test import Client
from openapi_schema_validator import OAS31Validator
from openapi_spec_validator import validate

from api import examples
from api.openapi import COMMON_CODES, document
from api.problems import CODES
from tests.api.conftest import assert_problem


def operations():
    for path, methods in document()["paths"].items():
        for method, operation in methods.items():
            yield path, method, operation


def schema(name):
    return {"$ref": f"#/components/schemas/{name}", "components": document()["components"]}


def test_it_is_served_without_a_key_and_is_valid():
    answer = Client().get("/v1/openapi.json")
    assert answer.status_code == 200
    assert answer.json()["openapi"].startswith("3.1")
    assert "RateLimit" in answer.headers
    validate(answer.json())


def test_every_call_of_this_version_is_in_it():
    calls = {(method, path) for path, method, _ in operations()}
    one = "/v1/payments/{payment_id}"
    assert calls == {
        ("post", "/v1/payments"), ("get", "/v1/payments"), ("get", one), ("post", f"{one}/cancel"),
        ("post", f"{one}/check"), ("get", f"{one}/timeline"), ("get", "/v1/me"),
    }  # fmt: skip


def test_every_call_names_its_scope_its_errors_and_the_headers_of_its_answers():
    for _, _, operation in operations():
        assert list(operation["security"][0]) == ["ApiKey"]
        assert {"401", "403", "429", "500"} <= operation["responses"].keys()
        for response in operation["responses"].values():
            assert {"X-Request-ID", "RateLimit", "RateLimit-Policy"} <= response["headers"].keys()


def test_every_code_is_said_to_come_from_somewhere():
    shown = {
        code
        for _, _, operation in operations()
        for response in operation["responses"].values()
        for code in response["content"].get("application/problem+json", {}).get("examples", {})
    }
    assert set(COMMON_CODES) <= shown
    # These belong to no call: an address or method that does not exist, and the callbacks of providers.
    assert CODES.keys() - shown == {"method_not_allowed", "invalid_callback_address"}


def test_creating_needs_an_idempotency_key():
    parameters = document()["paths"]["/v1/payments"]["post"]["parameters"]
    assert {"$ref": "#/components/parameters/IdempotencyKey"} in parameters
    assert document()["components"]["parameters"]["IdempotencyKey"]["required"] is True


@pytest.mark.parametrize("name", examples.ANSWERS)
def test_the_examples_fit_their_schemas(name):
    [operation] = [operation for _, _, operation in operations() if operation["operationId"] == name]
    answer = next(response for status, response in operation["responses"].items() if status < "300")
    content = answer["content"]["application/json"]
    OAS31Validator(content["schema"] | {"components": document()["components"]}).validate(content["example"])


def test_the_examples_of_problems_fit_their_schema():
    for _, _, operation in operations():
        for status, response in operation["responses"].items():
            for shown in response["content"].get("application/problem+json", {}).get("examples", {}).values():
                OAS31Validator(schema("Problem")).validate(shown["value"])
                assert shown["value"]["status"] == int(status)


def test_the_example_of_a_payment_can_be_sent_and_its_answer_fits(acme):
    answer = acme.api("POST", "/v1/payments", examples.NEW_PAYMENT, **{"Idempotency-Key": "k"})
    assert answer.status_code == 201
    OAS31Validator(schema("Payment")).validate(answer.json())
    OAS31Validator(schema("NewPayment")).validate(examples.NEW_PAYMENT)


@pytest.mark.parametrize("path", ["/v1/payments", "/v1/payments/{id}", "/v1/payments/{id}/timeline", "/v1/me"])
def test_real_answers_fit_the_document(acme, path):
    payment_id = acme.pay(reference="A", metadata={"a": "b"}).json()["id"]
    answer = acme.api("GET", path.replace("{id}", payment_id))
    content = document()["paths"][path.replace("{id}", "{payment_id}")]["get"]["responses"]["200"]["content"]
    described = content["application/json"]["schema"] | {"components": document()["components"]}
    OAS31Validator(described).validate(answer.json())


def test_a_real_problem_fits_the_document(acme):
    OAS31Validator(schema("Problem")).validate(assert_problem(acme.pay(amount="x"), 422, "validation_failed"))
