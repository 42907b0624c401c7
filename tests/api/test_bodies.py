"""Bad requests: each gets its own status, no 500, and writes nothing."""

import io

import pytest
from django.db import OperationalError
from django.test import Client

from payments.models import Payment
from tests.api.conftest import assert_problem, fields_of, send

GOOD = b'{"amount": "1.00", "currency": "ZMW", "phone": "0966000123"}'


@pytest.fixture(autouse=True)
def nothing_written(acme):
    yield
    with acme.entered():
        assert not Payment.objects.exists()


@pytest.mark.parametrize(
    "data",
    [
        b"nope", b"{", b'{"amount": 1,}', b"[]", b'"text"', b"null", b"12", b"\xff\xfe", b'{"a": NaN}',
        b'{"amount": "1", "amount": "2"}', b'{"metadata": {"a": "1", "a": "2"}}', b'{"description": "\\ud800"}',
        b'{"a": ' * 5000 + b"1" + b"}" * 5000, b"[" * 60000, b'\xef\xbb\xbf{"a": 1}', b'{"a": 1} {"b": 2}',
        '{"amount": "1"}'.encode("utf-16"), b'{"a": "\xed\xa0\x80"}', b'{"a": ' + b"9" * 6000 + b"e9999}",
    ],
)  # fmt: skip
def test_what_is_not_one_json_object_is_400(acme, data):
    assert_problem(send(acme, data), 400, "invalid_json")


@pytest.mark.parametrize(
    "content_type",
    ["", "text/plain", "application/x-www-form-urlencoded", "application/jsonp", "application/json; charset=latin-1"],
)
def test_another_content_type_is_415(acme, content_type):
    assert_problem(send(acme, GOOD, Content_Type=content_type), 415, "unsupported_media_type")


def test_a_body_of_more_than_64_kib_is_413(acme):
    assert_problem(send(acme, b'{"description": "' + b"x" * 65536 + b'"}'), 413, "body_too_large")


def test_a_megabyte_is_413_and_never_read_whole(acme):
    stream = io.BytesIO(b"x" * 1_000_000)
    answer = post_stream(acme, stream, CONTENT_LENGTH="1000000")
    assert_problem(answer, 413, "body_too_large")
    assert stream.tell() == 0


def test_a_chunked_body_is_capped_while_it_is_read(acme):
    stream = io.BytesIO(b"x" * 1_000_000)
    answer = post_stream(acme, stream, HTTP_TRANSFER_ENCODING="chunked")
    assert_problem(answer, 413, "body_too_large")
    assert stream.tell() <= 65537


def test_a_chunked_body_is_read_like_any_other(acme):
    answer = post_stream(acme, io.BytesIO(b'{"colour": "red"}'), HTTP_TRANSFER_ENCODING="chunked")
    assert fields_of(answer)["colour"] == "unknown_field"


def test_no_body_at_all_is_no_object(acme):
    assert_problem(post_stream(acme, io.BytesIO(), CONTENT_LENGTH="0"), 400, "invalid_json")
    assert_problem(send(acme, b"", Content_Type=""), 415, "unsupported_media_type")


def test_a_content_length_that_is_no_number_is_no_500(acme):
    assert post_stream(acme, io.BytesIO(GOOD), CONTENT_LENGTH="many").status_code == 400


@pytest.mark.parametrize("value", ["x", "\x00", "🦄", ["a"], {"a": {"b": {}}}, 1e308, None])
def test_an_unknown_field_is_named_whatever_it_holds(acme, value):
    answer = acme.pay(colour=value)
    assert_problem(answer, 422, "validation_failed")
    assert fields_of(answer) == {"colour": "unknown_field"}


def test_many_unknown_fields_make_no_endless_answer(acme):
    answer = acme.pay(**{"f" * 500 + str(n): 1 for n in range(100)})
    assert answer.status_code == 422
    assert len(answer.content) < 64 * 1024


@pytest.mark.parametrize(
    "path", ["/v1/nothing", "/v1/", "/v1/payments/", "/v1/payments/x/y/z", "/v1/openapi", "/v1//me"]
)
def test_an_address_that_does_not_exist_is_404(acme, path):
    assert_problem(acme.api("GET", path), 404, "not_found")


@pytest.mark.parametrize(
    ("method", "path", "allowed"),
    [
        ("PUT", "/v1/payments", "GET, POST"),
        ("DELETE", "/v1/payments/pay_1", "GET"),
        ("GET", "/v1/payments/pay_1/cancel", "POST"),
        ("POST", "/v1/me", "GET"),
        ("PATCH", "/v1/payments/pay_1/timeline", "GET"),
        ("TRACE", "/v1/me", "GET"),
    ],
)
def test_another_method_is_405_and_says_which_are_taken(acme, method, path, allowed):
    answer = acme.api(method, path)
    assert_problem(answer, 405, "method_not_allowed")
    assert answer.headers["Allow"] == allowed


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/v1/me"),
        ("GET", "/v1/payments"),
        ("POST", "/v1/payments"),
        ("GET", "/v1/payments/pay_1"),
        ("POST", "/v1/payments/pay_1/cancel"),
        ("POST", "/v1/payments/pay_1/check"),
        ("GET", "/v1/payments/pay_1/timeline"),
    ],
)
def test_no_call_takes_a_parameter_that_it_does_not_know(acme, method, path):
    answer = acme.api(method, f"{path}?expand=all")
    assert_problem(answer, 400, "validation_failed")
    assert fields_of(answer) == {"expand": "unknown_field"}


@pytest.mark.parametrize("call", ["cancel", "check"])
def test_a_call_without_fields_takes_none(acme, call):
    path = f"/v1/payments/pay_{'0' * 26}/{call}"
    assert_problem(send(acme, b'{"reason": "x"}', path=path), 422, "validation_failed")
    assert_problem(send(acme, b"reason=x", path=path, Content_Type="text/plain"), 415, "unsupported_media_type")
    assert_problem(send(acme, b"{}", path=path), 404, "not_found")
    assert_problem(send(acme, b"", path=path, Content_Type=""), 404, "not_found")


def test_an_error_of_ours_is_a_problem_with_a_request_id(acme, monkeypatch):
    monkeypatch.setattr("api.payments.create.create_payment", lambda **_: 1 / 0)
    problem = assert_problem(acme.pay(), 500, "internal")
    assert "division" not in str(problem)


def test_a_database_that_is_away_is_a_problem_too(acme, monkeypatch):
    def away(*_):
        raise OperationalError("connection refused to db.internal")

    monkeypatch.setattr("api.auth.fetch_one", away)
    answer = acme.api("GET", "/v1/me")
    assert_problem(answer, 503, "internal")
    assert answer.headers["Retry-After"] == "5"
    assert b"db.internal" not in answer.content
    assert "RateLimit" in answer.headers


@pytest.mark.parametrize(
    "payment_id", ["x", "pay_%00", "pay_" + "0" * 25, "PAY_" + "0" * 26, "pay_" + "z" * 500, "%ff", "'; --"]
)
def test_an_odd_id_is_404(acme, payment_id):
    assert_problem(acme.api("GET", f"/v1/payments/{payment_id}"), 404, "not_found")


def post_stream(merchant, stream, **environ):
    """A POST straight from a stream, with or without an honest length."""
    client = Client(headers={"Authorization": f"Bearer {merchant.test_key}", "Idempotency-Key": "k"})
    base = {
        "PATH_INFO": "/v1/payments",
        "REQUEST_METHOD": "POST",
        "CONTENT_TYPE": "application/json",
        "wsgi.input": stream,
    }
    return client.request(**base | environ)
