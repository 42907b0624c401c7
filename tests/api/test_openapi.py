"""The OpenAPI document: valid, complete, and saying what the code does."""

import pytest
from django.test import Client
from openapi_schema_validator import OAS31Validator
from openapi_spec_validator import validate

from api.examples import ANSWERS, BODIES
from api.openapi import COMMON_CODES, document
from api.problems import CODES
from payments.sealer import seal_batch
from tests.api.conftest import assert_problem
from tests.world import run_jobs


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
    calls = {f"{method} {path}" for path, method, _ in operations()}
    movements = {
        f"{call.format(f'/v1/{name}s', f'{{{name}_id}}')}"
        for name in ("payment", "payout", "refund")
        for call in ("get {0}", "get {0}/{1}", "post {0}/{1}/cancel", "post {0}/{1}/check", "get {0}/{1}/timeline")
    }
    assert calls == movements | {
        "post /v1/payments", "post /v1/payouts", "post /v1/payments/{payment_id}/refunds", "get /v1/balance",
        "get /v1/ledger_entries", "get /v1/events", "get /v1/events/{event_id}", "get /v1/providers",
        "get /v1/me",
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


MOVES_MONEY = ("/v1/payments", "/v1/payouts", "/v1/payments/{payment_id}/refunds")


@pytest.mark.parametrize("path", MOVES_MONEY)
def test_what_moves_money_needs_an_idempotency_key_and_says_where_the_new_object_is(path):
    operation = document()["paths"][path]["post"]
    assert {"$ref": "#/components/parameters/IdempotencyKey"} in operation["parameters"]
    assert document()["components"]["parameters"]["IdempotencyKey"]["required"] is True
    assert {"Location", "Idempotent-Replayed"} <= operation["responses"]["201"]["headers"].keys()


def test_only_payments_are_refused_while_a_network_is_down():
    statuses = {path: "503" in document()["paths"][path]["post"]["responses"] for path in MOVES_MONEY}
    assert statuses == {"/v1/payments": True, "/v1/payouts": False, "/v1/payments/{payment_id}/refunds": False}


@pytest.mark.parametrize("name", ANSWERS)
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


@pytest.mark.parametrize(("path", "name"), [("/v1/payments", "Payment"), ("/v1/payouts", "Payout")])
def test_the_examples_of_bodies_can_be_sent_and_the_answers_fit(acme, path, name):
    answer = acme.api("POST", path, BODIES[f"New{name}"], **{"Idempotency-Key": "k"})
    assert answer.status_code == 201
    OAS31Validator(schema(name)).validate(answer.json())
    OAS31Validator(schema(f"New{name}")).validate(BODIES[f"New{name}"])


def test_the_example_of_a_refund_can_be_sent_and_its_answer_fits(acme, mtn):
    payment_id = acme.pay().json()["id"]
    run_jobs(rounds=3)
    answer = acme.refund(payment_id, **BODIES["NewRefund"])
    assert answer.status_code == 201
    OAS31Validator(schema("Refund")).validate(answer.json())
    OAS31Validator(schema("NewRefund")).validate(BODIES["NewRefund"])


READS = [path for path, method, _ in operations() if method == "get"]


@pytest.mark.parametrize("path", READS)
def test_real_answers_fit_the_document(acme, mtn, path):
    ids = {"{payment_id}": acme.pay(reference="A", metadata={"a": "b"}).json()["id"]}
    run_jobs(rounds=3)
    ids["{refund_id}"] = acme.refund(ids["{payment_id}"], reason="Broken").json()["id"]
    ids["{payout_id}"] = acme.pay_out().json()["id"]
    run_jobs(rounds=3)
    with acme.entered():
        seal_batch()
    ids["{event_id}"] = acme.api("GET", "/v1/events").json()["data"][0]["id"]
    real_path = path
    for placeholder, real_id in ids.items():
        real_path = real_path.replace(placeholder, real_id)
    answer = acme.api("GET", real_path)
    content = document()["paths"][path]["get"]["responses"]["200"]["content"]
    described = content["application/json"]["schema"] | {"components": document()["components"]}
    OAS31Validator(described).validate(answer.json())


def test_a_real_problem_fits_the_document(acme):
    OAS31Validator(schema("Problem")).validate(assert_problem(acme.pay(amount="x"), 422, "validation_failed"))
