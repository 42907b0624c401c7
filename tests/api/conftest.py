"""What the tests of the API share: calls in raw bytes, and the shape of a problem."""

from typing import Any

from django.test import Client

from tests.world import Merchant


def send(merchant: Merchant, data: bytes, *, method: str = "POST", path: str = "/v1/payments", **headers: str) -> Any:
    """A request with exactly these bytes as its body; `Content_Type` is a header like the others."""
    content_type = headers.pop("Content_Type", "application/json")
    headers = {"Authorization": f"Bearer {merchant.test_key}", "Idempotency-Key": "k", **headers}
    return Client().generic(method, path, data=data, content_type=content_type, headers=headers)


def assert_problem(answer: Any, status: int, code: str) -> dict[str, Any]:
    """The answer is a complete problem with this status and code; returns its fields."""
    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert answer.headers["Content-Type"] == "application/problem+json"
    problem: dict[str, Any] = answer.json()
    assert problem["type"].endswith(f"/docs/errors/{code}")
    assert problem["status"] == status
    assert problem["request_id"] == answer.headers["X-Request-ID"]
    assert problem["title"]
    assert problem["detail"]
    return problem


def fields_of(answer: Any) -> dict[str, str]:
    """Field → what is wrong with it."""
    return {error["field"]: error["code"] for error in answer.json()["errors"]}
