"""The Airtel adapter over real HTTP: orders, questions, faults, and what is recorded of them."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from providers.airtel import messages
from providers.airtel.adapter import AirtelAdapter
from providers.base import Account, Balance, HolderStatus, Instruction, Kind, Operation, Provider
from providers.clock import steady_seconds
from providers.http import HttpClient
from tests.providers.airtel_world import (
    IN_PROCESS,
    TOKEN,
    ScriptedAirtel,
    account_at,
    decrypt,
    envelope,
    hasty_account_at,
    json_answer,
)
from tests.providers.raw_server import Behaviour, drip, hang, http_answer, reply, reset

COLLECT, TRANSFER, REFUND = Operation.COLLECT, Operation.TRANSFER, Operation.REFUND
TOKEN_PATH, KEY_PATH = "/auth/oauth2/token", "/v1/rsa/encryption-keys"
PUSHED = reply(json_answer(envelope("SUCCESS", **IN_PROCESS)))
UNAUTHORISED = reply(json_answer({"error": "invalid_token", "error_description": "expired"}, 401))
PAID_OUT = {
    "data": {"transaction": {"airtel_money_id": "CI1", "reference_id": "R1", "id": "N7NG", "status": "TS",
                             "message": "You have sent ZMW 200. Your balance is ZMW 37,600.00"}},
    "status": {"response_code": "DP00900001001", "code": "200", "success": True, "message": "Balance: 37600"},
}  # fmt: skip


@pytest.fixture
def adapter(client: HttpClient) -> AirtelAdapter:
    return AirtelAdapter(client=client)


@pytest.fixture
def serve() -> Iterator[Callable[..., ScriptedAirtel]]:
    servers: list[ScriptedAirtel] = []

    def start(*behaviours: Behaviour) -> ScriptedAirtel:
        servers.append(ScriptedAirtel(*behaviours).__enter__())
        return servers[-1]

    yield start
    for server in servers:
        server.__exit__(None, None, None)


@pytest.fixture
def order(make_request: Any) -> Callable[..., Instruction]:
    def make(operation: Operation = COLLECT, **changes: Any) -> Instruction:
        facts = {"operation": operation, "reference": AirtelAdapter().new_reference(), "phone": "260977000123"}
        original = {"original_provider_reference": "MP1"} if operation is REFUND else {}
        request: Instruction = make_request(**facts, **original, **changes)
        return request

    return make


# --- what it can do


def test_what_an_account_can_do_follows_from_its_credentials(adapter: AirtelAdapter) -> None:
    application = {"client_id": "a", "client_secret": "b"}
    assert adapter.operations(application) == {COLLECT, REFUND}
    assert adapter.operations({**application, "pin": "1234"}) == set(Operation)
    assert adapter.operations({**application, "pin": ""}) == {COLLECT, REFUND}
    assert adapter.operations({"client_id": "a", "pin": "1"}) == adapter.operations({}) == set()
    assert adapter.identity_credentials == ("client_id",)


def test_it_fits_the_port_for_the_type_checker(adapter: AirtelAdapter) -> None:
    provider: Provider = adapter
    assert provider.name == "airtel"


def test_only_all_of_a_collection_can_be_refunded(adapter: AirtelAdapter) -> None:
    assert adapter.refund_operation(is_partial=False) is REFUND
    assert adapter.refund_operation(is_partial=True) is TRANSFER


def test_a_refund_is_protected_by_nothing_and_cannot_be_asked_about(adapter: AirtelAdapter) -> None:
    assert [adapter.refuses_duplicates(each) for each in (COLLECT, TRANSFER, REFUND)] == [True, True, False]
    assert [adapter.answers_lookups(each) for each in (COLLECT, TRANSFER, REFUND)] == [True, True, False]
    assert (adapter.echoes_amounts, adapter.settle_seconds) == (False, 180.0)


# --- orders


def test_a_collection_is_signed_in_for_and_sent(adapter: AirtelAdapter, serve: Any, order: Any) -> None:
    airtel = serve(PUSHED)
    request = order(amount=Decimal("150.50"))
    outcome = adapter.send(account_at(airtel.url), request)
    assert (outcome.kind, outcome.provider_code) == (Kind.PENDING, "DP00800001006")
    assert airtel.paths() == [TOKEN_PATH, "/merchant/v1/payments/"]
    sent = airtel.seen[1]
    assert sent.json["transaction"] == {"amount": 150.5, "country": "ZM", "currency": "ZMW", "id": request.reference}
    assert (sent.headers["x-country"], sent.headers["x-currency"]) == ("ZM", "ZMW")
    assert sent.headers["authorization"] == f"Bearer {TOKEN['access_token']}-1"


def test_a_payout_is_final_at_once_and_keeps_the_balance_to_itself(
    adapter: AirtelAdapter, serve: Any, order: Any
) -> None:
    airtel = serve(reply(json_answer(PAID_OUT)))
    outcome = adapter.send(account_at(airtel.url), order(TRANSFER))
    assert (outcome.kind, outcome.provider_reference) == (Kind.SUCCEEDED, "CI1")
    assert decrypt(airtel.seen[-1].json["pin"]) == b"481632"
    assert "37" not in outcome.message
    assert '"message":"[redacted]"' in outcome.exchanges[-1].response_body
    assert all(balance not in repr(outcome) for balance in ("37,600", "37600"))
    assert '"airtel_money_id":"CI1"' in outcome.exchanges[-1].response_body


def test_a_message_without_a_number_in_it_stays_readable(adapter: AirtelAdapter, serve: Any, order: Any) -> None:
    body = envelope(response_code="DP00900001005", code="400", message="Msisdn Not Found")
    airtel = serve(reply(json_answer(body)))
    outcome = adapter.send(account_at(airtel.url), order(TRANSFER))
    assert (outcome.kind, outcome.code) == (Kind.REFUSED, "payer_not_found")
    assert "Msisdn Not Found" in outcome.exchanges[-1].response_body


def test_a_refund_goes_by_airtels_number_of_the_collection(adapter: AirtelAdapter, serve: Any, order: Any) -> None:
    done = {"data": {"transaction": {"airtel_money_id": "CI2", "status": "SUCCESS"}}, "status": IN_PROCESS}
    airtel = serve(reply(json_answer(done)))
    outcome = adapter.send(account_at(airtel.url), order(REFUND))
    assert (outcome.kind, outcome.provider_reference) == (Kind.SUCCEEDED, "CI2")
    assert airtel.seen[-1].json == {"transaction": {"airtel_money_id": "MP1"}}


@pytest.mark.parametrize("number", ["", "NA"])
def test_a_refund_of_what_airtel_gave_no_number_is_not_sent(
    adapter: AirtelAdapter, serve: Any, order: Any, number: str
) -> None:
    airtel = serve(PUSHED)
    request = replace(order(REFUND), original_provider_reference=number)
    outcome = adapter.send(account_at(airtel.url), request)
    assert (outcome.kind, outcome.code, outcome.exchanges) == (Kind.REFUSED, "provider_rejected", ())
    assert airtel.seen == []


@pytest.mark.parametrize(("operation", "name"), [(COLLECT, "client_id"), (REFUND, "client_secret"), (TRANSFER, "pin")])
def test_missing_credentials_are_named_and_nothing_is_sent(
    *, adapter: AirtelAdapter, serve: Any, order: Any, operation: Operation, name: str
) -> None:
    airtel = serve(PUSHED)
    outcome = adapter.send(account_at(airtel.url, **{name: ""}), order(operation))
    assert (outcome.kind, outcome.code, outcome.alarm) == (Kind.REFUSED, "credentials_rejected", True)
    assert name in outcome.message
    assert (outcome.exchanges, airtel.seen) == ((), [])


def test_an_order_that_is_late_is_not_sent(adapter: AirtelAdapter, serve: Any, order: Any) -> None:
    airtel = serve(PUSHED)
    outcome = adapter.send(account_at(airtel.url), order(send_before=steady_seconds() - 1))
    assert (outcome.kind, outcome.retry_after_seconds, outcome.retry_safe) == (Kind.REFUSED, 0.0, True)
    assert airtel.paths() == [TOKEN_PATH]


# --- faults


@pytest.mark.parametrize("operation", Operation)
@pytest.mark.parametrize(
    "behaviour",
    [
        hang, reset, reply(b""), reply(json_answer(b"", 504)), reply(json_answer(b"", 502)),
        reply(json_answer(b"<html>", 200)), reply(json_answer(PAID_OUT, 200)[:-5]), reply(b"garbage\r\n\r\n"),
        drip(json_answer(PAID_OUT), pause_seconds=0.05), reply(json_answer(b"", 307, "Location: /again")),
        reply(json_answer(b"<html>", 403, "Content-Type: text/html")), reply(json_answer(envelope("TS"), 500)),
        reply(http_answer(200, b"x" * 2_000_000, "Connection: close")),
    ],
)  # fmt: skip
def test_whatever_breaks_after_the_request_leaves_the_outcome_open(
    *, adapter: AirtelAdapter, serve: Any, order: Any, operation: Operation, behaviour: Behaviour
) -> None:
    airtel = serve(behaviour)
    outcome = adapter.send(hasty_account_at(airtel.url), order(operation))
    assert (outcome.kind, outcome.retry_after_seconds, outcome.trouble) == (Kind.UNKNOWN, None, True)
    assert len([each for each in airtel.seen if each.path not in {TOKEN_PATH, KEY_PATH}]) == 1


@pytest.mark.parametrize("operation", Operation)
def test_where_nobody_listens_nothing_was_sent(adapter: AirtelAdapter, order: Any, operation: Operation) -> None:
    outcome = adapter.send(account_at("http://127.0.0.1:9"), order(operation))
    assert (outcome.kind, outcome.retry_after_seconds, outcome.retry_safe) == (Kind.REFUSED, 2.0, True)
    assert outcome.trouble


# --- questions


def test_an_enquiry_reads_the_transaction(adapter: AirtelAdapter, serve: Any) -> None:
    body = envelope("TS", response_code="DP00800001006", success=False)
    body["data"]["transaction"]["airtel_money_id"] = "MP1"
    airtel = serve(reply(json_answer(body)))
    outcome = adapter.lookup(account_at(airtel.url), COLLECT, "N1")
    assert (outcome.kind, outcome.provider_reference) == (Kind.SUCCEEDED, "MP1")
    assert (airtel.seen[-1].method, airtel.seen[-1].path) == ("GET", "/standard/v1/payments/N1")
    assert [exchange.operation for exchange in outcome.exchanges] == ["token", "lookup"]


def test_a_payout_is_enquired_about_where_it_was_made(adapter: AirtelAdapter, serve: Any) -> None:
    airtel = serve(reply(json_answer(PAID_OUT)))
    outcome = adapter.lookup(account_at(airtel.url), TRANSFER, "N7NGE7")
    assert (outcome.kind, outcome.provider_reference) == (Kind.SUCCEEDED, "CI1")
    assert airtel.seen[-1].path == "/standard/v3/disbursements/N7NGE7"
    assert "37,600" not in repr(outcome)


def test_what_an_enquiry_said_can_be_read_again_from_its_record(adapter: AirtelAdapter, serve: Any) -> None:
    airtel = serve(reply(json_answer(PAID_OUT)))
    outcome = adapter.lookup(account_at(airtel.url), TRANSFER, "N7NGE7")
    report = adapter.read_report(TRANSFER, outcome.exchanges[-1].response_body.encode())
    assert report == replace(outcome, exchanges=())


def test_nobody_is_asked_about_a_refund(adapter: AirtelAdapter, serve: Any) -> None:
    airtel = serve(PUSHED)
    outcome = adapter.lookup(account_at(airtel.url), REFUND, "N1")
    assert (outcome.kind, outcome.alarm, airtel.seen) == (Kind.UNKNOWN, True, [])


def test_an_enquiry_that_could_not_be_made_learns_nothing(adapter: AirtelAdapter, serve: Any) -> None:
    airtel = serve(PUSHED)
    airtel.token = UNAUTHORISED
    outcome = adapter.lookup(account_at(airtel.url), COLLECT, "N1")
    assert (outcome.kind, outcome.code, outcome.alarm, outcome.retry_safe) == (Kind.UNKNOWN, "", True, False)
    assert adapter.lookup(account_at(airtel.url, client_id=""), COLLECT, "N1").kind is Kind.UNKNOWN


@pytest.mark.parametrize("operation", Operation)
def test_a_probe_is_an_enquiry_about_nothing(adapter: AirtelAdapter, serve: Any, operation: Operation) -> None:
    airtel = serve(reply(json_answer(envelope(response_code="DP00800001025"))))
    outcome = adapter.probe(account_at(airtel.url), operation)
    assert (outcome.kind, outcome.trouble) == (Kind.PENDING, False)
    asked = operation if operation in messages.ENQUIRIES else COLLECT
    assert airtel.paths() == [TOKEN_PATH, f"{messages.ENQUIRIES[asked]}/NOBODYHASTHISREFERENCE00"]
    assert airtel.seen[-1].method == "GET"


@pytest.mark.parametrize("status", [400, 401, 405, 429])
def test_a_probe_that_is_refused_was_answered(adapter: AirtelAdapter, serve: Any, status: int) -> None:
    outcome = adapter.probe(account_at(serve(reply(json_answer(b"{}", status))).url), COLLECT)
    assert (outcome.kind, outcome.trouble) == (Kind.PENDING, False)


@pytest.mark.parametrize("behaviour", [hang, reset, reply(json_answer(b"", 503))])
def test_a_probe_without_an_answer_is_trouble(adapter: AirtelAdapter, serve: Any, behaviour: Behaviour) -> None:
    outcome = adapter.probe(hasty_account_at(serve(behaviour).url), REFUND)
    assert (outcome.kind, outcome.trouble) == (Kind.UNKNOWN, True)


def _user(**changes: Any) -> dict[str, Any]:
    user = {"first_name": "Mary", "is_barred": False, "msisdn": "977000123", "registration": {"status": "SUBS"}}
    return {"data": user | changes, "status": {"response_code": "DP02200000001"}}


@pytest.mark.parametrize(
    ("status", "body", "holder"),
    [
        (200, _user(), HolderStatus.ACTIVE),
        (200, _user(is_barred=True), HolderStatus.INACTIVE),
        (200, _user(registration={"status": "OTHER"}), HolderStatus.UNKNOWN),
        (200, _user(registration=None), HolderStatus.UNKNOWN),
        (200, _user(is_barred="false"), HolderStatus.UNKNOWN),
        (200, envelope(response_code="DP02200000002"), HolderStatus.NOT_FOUND),
        (404, envelope(response_code="DP02200000002"), HolderStatus.NOT_FOUND),
        (200, envelope(response_code="DP02200000000"), HolderStatus.UNKNOWN),
        (500, _user(), HolderStatus.UNKNOWN),
        (404, b"<html>", HolderStatus.UNKNOWN),
        (403, {"message": "You cannot consume this service"}, HolderStatus.UNKNOWN),
    ],
)
def test_an_account_holder_is_judged_by_explicit_answers_only(
    *, adapter: AirtelAdapter, serve: Any, status: int, body: Any, holder: HolderStatus
) -> None:
    airtel = serve(reply(json_answer(body, status)))
    assert adapter.account_holder(account_at(airtel.url), "260977000123") is holder
    assert airtel.seen[-1].path == "/standard/v1/users/977000123"


@pytest.mark.parametrize(
    ("said", "amount"),
    [("37,600.00", "37600.00"), ("1,237,600", "1237600"), ("0", "0"), ("600.5", "600.5"), (12, "12"),
     ("37,60", None), ("3,7600.00", None), (",600", None), ("-5", None), ("", None), (None, None)],
)  # fmt: skip
def test_a_balance_may_come_with_separators_and_a_success_that_is_false(
    adapter: AirtelAdapter, serve: Any, said: Any, amount: str | None
) -> None:
    data = {"balance": said, "currency": "ZMW", "account_status": "Active"}
    body = {"data": data, "status": {"response_code": "DP02100000001", "success": False}}
    balance = adapter.balance(account_at(serve(reply(json_answer(body))).url), COLLECT)
    assert balance == (Balance(Decimal(amount), "ZMW") if amount else None)


def test_a_balance_that_may_not_be_asked_for_is_none(adapter: AirtelAdapter, serve: Any) -> None:
    airtel = serve(reply(json_answer({"message": "You cannot consume this service"}, 403)))
    assert adapter.balance(account_at(airtel.url), TRANSFER) is None
    assert adapter.balance(account_at(airtel.url, client_id=""), TRANSFER) is None


# --- what is recorded


@pytest.fixture
def telling(serve: Any) -> tuple[ScriptedAirtel, Account]:
    """An account whose network repeats, in a page and in a header, whatever it was sent."""
    account = account_at("", message_signing="on")

    def tell(connection: Any, _: Any) -> None:
        seen = airtel.seen[-1]
        everything = {"headers": seen.headers, "body": seen.body.decode(), "mine": dict(account.credentials)}
        echo = f"X-Echo: {seen.headers['authorization']} {seen.headers.get('x-key', '')}"
        connection.sendall(json_answer(everything, 500, echo))

    airtel = serve(tell)
    return airtel, replace(account, base_url=airtel.url)


@pytest.mark.parametrize("operation", Operation)
def test_no_secret_is_ever_recorded(
    *, adapter: AirtelAdapter, telling: tuple[ScriptedAirtel, Account], order: Any, operation: Operation
) -> None:
    airtel, account = telling
    outcomes = [adapter.send(account, order(operation)), adapter.lookup(account, operation, "N1")]
    text = repr(outcomes)
    sent = next(each for each in airtel.seen if each.path not in {TOKEN_PATH, KEY_PATH})
    secrets = [account.credentials[name] for name in ("client_secret", "pin", "callback_secret")]
    secrets += [
        f"{TOKEN['access_token']}-1",
        *(sent.headers[name] for name in ("x-key", "x-signature") if operation is not REFUND),
    ]
    secrets += [sent.json["pin"]] if operation is TRANSFER else []
    assert all(secret not in text for secret in secrets)
    recorded = [exchange.operation for exchange in outcomes[0].exchanges]
    assert recorded == (["token", "refund"] if operation is REFUND else ["token", "public_key", operation.value])
    assert outcomes[0].exchanges[-1].request_headers["Authorization"] == "Bearer [redacted]"
