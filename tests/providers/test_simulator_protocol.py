"""The simulator is as strict as MTN: what an adapter must never get away with."""

import base64
import uuid
from collections.abc import Mapping
from typing import Any

import pytest

from providers.simulator.server import Simulator
from tests.providers.control import Reply, call

SUBSCRIPTION = {"Ocp-Apim-Subscription-Key": "collection-key"}
BODY = {
    "amount": "150.00",
    "currency": "ZMW",
    "externalId": "INV-1",
    "payer": {"partyIdType": "MSISDN", "partyId": "260961234567"},
    "payerMessage": "Order 1",
    "payeeNote": "Shop",
}


def basic(user: str, key: str) -> dict[str, str]:
    return {"Authorization": "Basic " + base64.b64encode(f"{user}:{key}".encode()).decode()}


def sign_in(url: str, user: str = "me", key: str = "key", product: str = "collection", **headers: str) -> Reply:
    return call(url, "POST", f"/{product}/token/", headers={**SUBSCRIPTION, **basic(user, key), **headers})


@pytest.fixture
def signed(simulator: Simulator) -> dict[str, str]:
    """The headers of a caller who may do everything for ZMW."""
    bearer = sign_in(simulator.url).json()["access_token"]
    return {**SUBSCRIPTION, "Authorization": f"Bearer {bearer}", "X-Target-Environment": "mtnzambia"}


def pay(url: str, headers: Mapping[str, str], body: Any = None, **changes: Any) -> Reply:
    reference = {"X-Reference-Id": str(uuid.uuid4())}
    return call(url, "POST", "/collection/v1_0/requesttopay", body or BODY | changes, {**reference, **headers})


def code_of(reply: Reply) -> tuple[int, str]:
    return reply.status, reply.json().get("code", "")


def test_sandbox_provisioning_gives_a_user_whose_key_signs_in(simulator: Simulator) -> None:
    user = str(uuid.uuid4())
    headers = {**SUBSCRIPTION, "X-Reference-Id": user}
    host = {"providerCallbackHost": "pay.example"}
    assert call(simulator.url, "POST", "/v1_0/apiuser", host, headers).status == 201
    assert call(simulator.url, "POST", "/v1_0/apiuser", host, headers).status == 409
    shown = call(simulator.url, "GET", f"/v1_0/apiuser/{user}", headers=SUBSCRIPTION).json()
    assert shown == {"providerCallbackHost": "pay.example", "targetEnvironment": "sandbox"}
    assert sign_in(simulator.url, user, "").status == 401
    key = call(simulator.url, "POST", f"/v1_0/apiuser/{user}/apikey", headers=SUBSCRIPTION).json()["apiKey"]
    assert sign_in(simulator.url, user, key).status == 200
    call(simulator.url, "POST", f"/v1_0/apiuser/{user}/apikey", headers=SUBSCRIPTION)
    assert sign_in(simulator.url, user, key).status == 401


def test_provisioning_refuses_what_mtn_refuses(simulator: Simulator) -> None:
    good, host = {**SUBSCRIPTION, "X-Reference-Id": str(uuid.uuid4())}, {"providerCallbackHost": "pay.example"}
    assert call(simulator.url, "POST", "/v1_0/apiuser", host, good | {"X-Reference-Id": "x"}).status == 400
    assert call(simulator.url, "POST", "/v1_0/apiuser", {"providerCallbackHost": "https://x/"}, good).status == 400
    assert call(simulator.url, "POST", "/v1_0/apiuser", b"[]", good).status == 400
    assert call(simulator.url, "POST", "/v1_0/apiuser", host, {"X-Reference-Id": str(uuid.uuid4())}).status == 401
    assert call(simulator.url, "GET", "/v1_0/apiuser/nobody", headers=SUBSCRIPTION).status == 404


def test_sign_in_needs_the_same_key_as_the_first_time(simulator: Simulator) -> None:
    first = sign_in(simulator.url)
    assert (first.status, first.json()["expires_in"], first.json()["token_type"]) == (200, 3600, "access_token")
    assert sign_in(simulator.url, key="other").status == 401
    assert sign_in(simulator.url, user="you", key="wrong-key").json() == {"error": "login_failed"}
    assert sign_in(simulator.url, Authorization="Basic ???").status == 401
    assert sign_in(simulator.url, Authorization="Bearer x").status == 401
    assert call(simulator.url, "POST", "/collection/token/", {}, {**SUBSCRIPTION, **basic("me", "key")}).status == 400


def test_strict_credentials_admit_registered_accounts_only(simulator: Simulator, faults: Any) -> None:
    faults(strict_credentials=True)
    assert sign_in(simulator.url).status == 401
    account = {"api_user": "me", "api_key": "key", "callback_host": "pay.example"}
    assert call(simulator.url, "POST", "/_control/accounts", account).status == 201
    assert call(simulator.url, "POST", "/_control/accounts", account).status == 409
    assert sign_in(simulator.url).status == 200
    assert len(call(simulator.url, "GET", "/_control/accounts").json()["accounts"]) == 1


def test_a_subscription_key_serves_one_product(simulator: Simulator, signed: dict[str, str]) -> None:
    assert sign_in(simulator.url, product="disbursement").status == 401
    assert pay(simulator.url, signed | {"Ocp-Apim-Subscription-Key": "wrong"}).status == 401
    assert pay(simulator.url, signed | {"Ocp-Apim-Subscription-Key": ""}).status == 401


def test_a_token_must_be_known_and_alive(simulator: Simulator, signed: dict[str, str], faults: Any) -> None:
    assert pay(simulator.url, signed | {"Authorization": "Bearer guess"}).status == 401
    faults(token_expires_seconds=0)
    bearer = sign_in(simulator.url).json()["access_token"]
    assert pay(simulator.url, signed | {"Authorization": f"Bearer {bearer}"}).status == 401


def test_a_good_request_is_accepted_with_an_empty_body(simulator: Simulator, signed: dict[str, str]) -> None:
    reply = pay(simulator.url, signed)
    assert (reply.status, reply.body, reply.headers["content-length"]) == (202, b"", "0")


@pytest.mark.parametrize(
    ("headers", "answer"),
    [
        ({"X-Target-Environment": ""}, (400, "")),
        ({"X-Target-Environment": "mtnmoon"}, (500, "NOT_ALLOWED_TARGET_ENVIRONMENT")),
        ({"X-Target-Environment": "sandbox"}, (500, "INVALID_CURRENCY")),
        ({"X-Reference-Id": "8f4b7f1e-6a6c-1a07-8a50-1a3d9d0a5b21"}, (400, "BAD_REQUEST")),
        ({"X-Reference-Id": ""}, (400, "BAD_REQUEST")),
        ({"X-Callback-Url": ""}, (400, "BAD_REQUEST")),
        ({"X-Callback-Url": "ftp://host/"}, (400, "BAD_REQUEST")),
    ],
)
def test_headers_are_checked(
    simulator: Simulator, signed: dict[str, str], headers: dict[str, str], answer: tuple[int, str]
) -> None:
    assert code_of(pay(simulator.url, signed | headers)) == answer


@pytest.mark.parametrize(
    "changes",
    [
        {"amount": 150}, {"amount": "0.00"}, {"amount": "1.999"}, {"amount": "-1"}, {"amount": None},
        {"payer": None}, {"payer": {"partyIdType": "FAX", "partyId": "1"}}, {"payer": {"partyIdType": "EMAIL"}},
        {"payer": {"partyIdType": "MSISDN", "partyId": "+260961234567"}}, {"externalId": 7},
        {"payerMessage": "a" * 161}, {"payeeNote": "Fish & chips"}, {"payerMessage": "it's"},
    ],
)  # fmt: skip
def test_bodies_are_checked(simulator: Simulator, signed: dict[str, str], changes: dict[str, Any]) -> None:
    assert code_of(pay(simulator.url, signed, **changes)) == (400, "BAD_REQUEST")


def test_a_body_must_be_a_json_object_of_bearable_size(simulator: Simulator, signed: dict[str, str]) -> None:
    assert pay(simulator.url, signed, b"<xml/>").status == 400
    assert call(simulator.url, "POST", "/collection/v1_0/requesttopay", b"", {"Content-Length": "9" * 9}).status == 413


def test_a_callback_must_go_to_the_registered_host(simulator: Simulator) -> None:
    account = {"api_user": "me", "api_key": "key", "callback_host": "pay.example", "target_environment": "mtnzambia"}
    call(simulator.url, "POST", "/_control/accounts", account)
    bearer = sign_in(simulator.url).json()["access_token"]
    headers = {**SUBSCRIPTION, "Authorization": f"Bearer {bearer}", "X-Target-Environment": "mtnzambia"}
    elsewhere = pay(simulator.url, headers | {"X-Callback-Url": "http://127.0.0.1:9/x"})
    assert code_of(elsewhere) == (500, "INVALID_CALLBACK_URL_HOST")
    sandbox = pay(simulator.url, headers | {"X-Target-Environment": "sandbox"}, currency="EUR")
    assert code_of(sandbox) == (500, "NOT_ALLOWED_TARGET_ENVIRONMENT")


def test_the_gateway_blocks_the_agent_of_a_well_known_library(simulator: Simulator, signed: dict[str, str]) -> None:
    reply = pay(simulator.url, signed | {"User-Agent": "python-requests/2.34"})
    assert (reply.status, reply.headers["content-type"]) == (403, "text/html")


def test_paths_are_checked(simulator: Simulator, signed: dict[str, str]) -> None:
    assert (
        call(simulator.url, "POST", "/collection//v1_0/requesttopay", BODY, signed).json()["message"] == "Bad request"
    )
    assert call(simulator.url, "GET", "/nowhere", headers=signed).status == 404
    assert call(simulator.url, "DELETE", "/collection/v1_0/requesttopay", headers=signed).status == 404


def test_a_payment_is_seen_only_by_the_user_who_made_it(simulator: Simulator, signed: dict[str, str]) -> None:
    reference = str(uuid.uuid4())
    path = f"/collection/v1_0/requesttopay/{reference}"
    pay(simulator.url, signed | {"X-Reference-Id": reference})
    assert call(simulator.url, "GET", path, headers=signed).json()["externalId"] == "INV-1"
    other = sign_in(simulator.url, user="other").json()["access_token"]
    assert call(simulator.url, "GET", path, headers=signed | {"Authorization": f"Bearer {other}"}).status == 404


def test_a_payer_can_be_notified_again(simulator: Simulator, signed: dict[str, str]) -> None:
    reference = str(uuid.uuid4())
    path = f"/collection/v1_0/requesttopay/{reference}/deliverynotification"
    note = {"notificationMessage": "Please approve"}
    assert call(simulator.url, "POST", path, note, signed).status == 404
    pay(simulator.url, signed | {"X-Reference-Id": reference})
    assert call(simulator.url, "POST", path, note, signed).status == 200
    assert call(simulator.url, "POST", path, {"notificationMessage": "x" * 161}, signed).status == 400


def test_account_holders_and_the_balance_can_be_asked_for(simulator: Simulator, signed: dict[str, str]) -> None:
    holder = "/collection/v1_0/accountholder/msisdn"
    get = lambda path: call(simulator.url, "GET", path, headers=signed)  # noqa: E731
    assert get(f"{holder}/260961234567/active").json() == {"result": True}
    assert get("/collection/v1_0/accountholder/MSISDN/260966000451/active").json() == {"result": False}
    assert get(f"{holder}/46733123450/active").status == 404
    assert get(f"{holder}/260961234567/basicuserinfo").json()["family_name"] == "Banda"
    assert get(f"{holder}/46733123450/basicuserinfo").status == 404
    assert get("/collection/v1_0/account/balance").json() == {"availableBalance": "0", "currency": "ZMW"}


# --- money out

PAYOUT = {"amount": "200.00", "currency": "ZMW", "externalId": "PO-1", "payee": BODY["payer"]}
REFUND = {"amount": "50.00", "currency": "ZMW", "externalId": "RF-1", "referenceIdToRefund": "5"}


@pytest.fixture
def paying(simulator: Simulator) -> dict[str, str]:
    """The headers of a caller who may do everything with the disbursement product."""
    key = {"Ocp-Apim-Subscription-Key": "disbursement-key"}
    bearer = sign_in(simulator.url, product="disbursement", **key).json()["access_token"]
    return {**key, "Authorization": f"Bearer {bearer}", "X-Target-Environment": "mtnzambia"}


def order(url: str, resource: str, headers: Mapping[str, str], body: Any) -> Reply:
    reference = {"X-Reference-Id": str(uuid.uuid4())}
    return call(url, "POST", f"/disbursement/v1_0/{resource}", body, {**reference, **headers})


def test_money_out_is_accepted_once(simulator: Simulator, paying: dict[str, str]) -> None:
    for resource, body in (("transfer", PAYOUT), ("refund", REFUND)):
        headers = paying | {"X-Reference-Id": str(uuid.uuid4())}
        first, second = (order(simulator.url, resource, headers, body) for _ in range(2))
        assert (first.status, first.body) == (202, b"")
        assert code_of(second) == (409, "RESOURCE_ALREADY_EXIST")


def test_money_out_needs_the_disbursement_product(
    simulator: Simulator, signed: dict[str, str], paying: dict[str, str]
) -> None:
    assert order(simulator.url, "transfer", signed, PAYOUT).status == 401
    assert pay(simulator.url, paying).status == 401


@pytest.mark.parametrize(
    ("resource", "body"),
    [
        ("transfer", BODY),
        ("transfer", PAYOUT | {"payee": {"partyIdType": "MSISDN", "partyId": 7}}),
        ("transfer", PAYOUT | {"amount": "0"}),
        ("refund", PAYOUT),
        ("refund", REFUND | {"referenceIdToRefund": 5}),
        ("refund", REFUND | {"payerMessage": "Fish & chips"}),
    ],
)
def test_bodies_of_money_out_are_checked(
    simulator: Simulator, paying: dict[str, str], resource: str, body: dict[str, Any]
) -> None:
    assert code_of(order(simulator.url, resource, paying, body)) == (400, "BAD_REQUEST")


@pytest.mark.parametrize(
    ("original", "word"),
    [
        ("2", "INTERNAL_PROCESSING_ERROR"),
        ("4", "EXPIRED"),
        ("7", "NOT_ALLOWED"),
        ("13", "COULD_NOT_PERFORM_TRANSACTION"),
    ],
)
def test_raw_callers_choose_a_refund_scenario_by_its_number(
    simulator: Simulator, paying: dict[str, str], original: str, word: str
) -> None:
    headers = paying | {"X-Reference-Id": str(uuid.uuid4())}
    order(simulator.url, "refund", headers, REFUND | {"referenceIdToRefund": original})
    call(simulator.url, "POST", "/_control/clock", {"advance_seconds": 10})
    path = f"/disbursement/v1_0/refund/{headers['X-Reference-Id']}"
    status = call(simulator.url, "GET", path, headers=paying).json()
    assert (status["status"], status["reason"]) == ("FAILED", word)
    assert "payer" not in status
    assert "payerMessage" not in status


@pytest.mark.parametrize("original", ["1", str(uuid.UUID(int=7)), "14"])
def test_an_unknown_original_is_not_found(simulator: Simulator, paying: dict[str, str], original: str) -> None:
    reply = order(simulator.url, "refund", paying, REFUND | {"referenceIdToRefund": original})
    assert code_of(reply) == (404, "RESOURCE_NOT_FOUND")


def test_a_payout_scenario_may_be_answered_at_once(simulator: Simulator, paying: dict[str, str], faults: Any) -> None:
    faults(scenario_on_post=True)
    body = PAYOUT | {"payee": {"partyIdType": "MSISDN", "partyId": "260966000457"}}
    assert code_of(order(simulator.url, "transfer", paying, body)) == (500, "PAYEE_NOT_FOUND")


def test_the_disbursement_wallet_shows_what_is_left_of_its_float(
    simulator: Simulator, paying: dict[str, str], faults: Any
) -> None:
    balance = lambda: call(simulator.url, "GET", "/disbursement/v1_0/account/balance", headers=paying).json()  # noqa: E731
    assert balance()["availableBalance"] == "999999999.00"
    faults(float=1000)
    order(simulator.url, "transfer", paying, PAYOUT)
    call(simulator.url, "POST", "/_control/clock", {"advance_seconds": 10})
    assert balance() == {"availableBalance": "800.00", "currency": "ZMW"}
