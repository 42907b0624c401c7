"""What the tests of the API share: calls in raw bytes, and the shape of a problem."""

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from django.db import connection
from django.test import Client

from api.key_cache import keys
from payments.accounts import connect_provider
from tests.simulated_mtn import SimulatedMtn
from tests.world import Merchant, mtn_credentials, run_jobs


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


def together(count: int, call: Callable[[int], Any]) -> list[Any]:
    """Run `call(n)` in as many threads, all let go at the same moment."""
    gate = threading.Barrier(count)

    def run(number: int) -> Any:
        gate.wait()
        try:
            return call(number)
        finally:
            connection.close()

    with ThreadPoolExecutor(count) as pool:
        return list(pool.map(run, range(count)))


@pytest.fixture
def paid(acme: Merchant, mtn: SimulatedMtn) -> dict[str, Any]:
    """A payment of K 150.00 in test mode that succeeded, as it was answered when it was made."""
    payment: dict[str, Any] = acme.pay().json()
    run_jobs(rounds=3)
    assert acme.payment(payment["id"]).status == "succeeded"
    return payment


@pytest.fixture
def only_collecting(acme: Merchant) -> None:
    """The merchant's accounts are other ones, which have no credentials for paying out."""
    with acme.entered():
        for livemode in (False, True):
            connect_provider(
                provider="mtn", livemode=livemode, base_url=acme.simulator_url, actor="test",
                credentials={
                    name: value for name, value in mtn_credentials("collector").items() if "disbursement" not in name
                },
            )  # fmt: skip
    keys.forget()
