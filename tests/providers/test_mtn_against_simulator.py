"""The adapter and the simulator over real HTTP: two readings of MTN's description that must agree."""

import json
import time
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal
from typing import Any

import pytest

from providers.base import Account, HolderStatus, Kind, Operation, Outcome
from providers.mtn.adapter import MtnAdapter
from providers.simulator.server import Simulator
from tests.providers.control import call

SCENARIOS = [
    ("450", Kind.FAILED, "provider_error"),
    ("451", Kind.FAILED, "payer_declined"),
    ("452", Kind.FAILED, "payer_timeout"),
    ("453", Kind.SUCCEEDED, ""),
    ("455", Kind.FAILED, "payer_not_found"),
    ("456", Kind.FAILED, "provider_rejected"),
    ("457", Kind.FAILED, "provider_rejected"),
    ("458", Kind.FAILED, "provider_rejected"),
    ("459", Kind.FAILED, "provider_rejected"),
    ("460", Kind.FAILED, "currency_not_supported"),
    ("461", Kind.FAILED, "provider_error"),
    ("462", Kind.FAILED, "provider_error"),
    ("463", Kind.FAILED, "payer_timeout"),
    ("464", Kind.FAILED, "provider_rejected"),
]


def movements(simulator: Simulator) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = simulator.books.ledger()["movements"]
    return found


def test_a_normal_number_pays_and_the_money_moves_once(
    simulator: Simulator, adapter: MtnAdapter, account: Account, make_request: Any, final_outcome: Any
) -> None:
    request = make_request()
    assert adapter.send(account, request).kind is Kind.PENDING
    outcome = final_outcome(request.reference)
    assert (outcome.kind, outcome.amount, outcome.currency) == (Kind.SUCCEEDED, Decimal("150.00"), "ZMW")
    assert outcome.phone == request.phone
    assert [each["financial_transaction_id"] for each in movements(simulator)] == [outcome.provider_reference]


@pytest.mark.parametrize(("ending", "kind", "code"), SCENARIOS)
def test_each_sandbox_number_ends_as_the_table_says(
    *,
    simulator: Simulator,
    adapter: MtnAdapter,
    make_account: Any,
    make_request: Any,
    ending: str,
    kind: Kind,
    code: str,
) -> None:
    for environment, currency, start in (("sandbox", "EUR", "46733123"), ("mtnzambia", "ZMW", "260966777")):
        account = make_account(simulator.url, target_environment=environment)
        request = make_request(phone=start + ending, currency=currency)
        assert adapter.send(account, request).kind is Kind.PENDING
        outcome = wait_for_end(adapter, account, request.reference)
        assert (outcome.kind, outcome.code) == (kind, code)
    assert len(movements(simulator)) == (2 if kind is Kind.SUCCEEDED else 0)


def wait_for_end(adapter: MtnAdapter, account: Account, reference: str) -> Outcome:
    outcome = adapter.lookup(account, Operation.COLLECT, reference)
    while outcome.kind is Kind.PENDING:
        time.sleep(0.005)
        outcome = adapter.lookup(account, Operation.COLLECT, reference)
    return outcome


def test_the_delayed_number_stays_pending_until_somebody_decides(
    simulator: Simulator, adapter: MtnAdapter, account: Account, make_request: Any, final_outcome: Any
) -> None:
    request = make_request(phone="260966000454")
    adapter.send(account, request)
    time.sleep(0.08)
    assert adapter.lookup(account, Operation.COLLECT, request.reference).kind is Kind.PENDING
    simulator.settlement.finish(request.reference, "SUCCESSFUL", "")
    assert final_outcome(request.reference).kind is Kind.SUCCEEDED


@pytest.mark.parametrize(
    ("ending", "kind"), [("455", Kind.FAILED), ("458", Kind.REFUSED), ("460", Kind.REFUSED), ("461", Kind.UNKNOWN)]
)
def test_scenarios_may_also_be_answered_at_once_with_http_500(
    *, adapter: MtnAdapter, account: Account, make_request: Any, faults: Any, ending: str, kind: Kind
) -> None:
    faults(scenario_on_post=True)
    assert adapter.send(account, make_request(phone=f"260966000{ending}")).kind is kind


def test_sending_the_same_reference_twice_is_one_payment(
    simulator: Simulator, adapter: MtnAdapter, account: Account, make_request: Any, final_outcome: Any
) -> None:
    request = make_request()
    with ThreadPoolExecutor(8) as threads:
        outcomes = list(threads.map(lambda _: adapter.send(account, request), range(8)))
    assert {outcome.kind for outcome in outcomes} == {Kind.PENDING}
    assert sorted(outcome.provider_code for outcome in outcomes)[0] == "HTTP 202"
    assert [outcome.provider_code for outcome in outcomes].count("RESOURCE_ALREADY_EXIST") == 7
    assert final_outcome(request.reference).kind is Kind.SUCCEEDED
    assert len(movements(simulator)) == 1


def test_an_unknown_reference_is_not_found(adapter: MtnAdapter, account: Account, make_request: Any) -> None:
    assert adapter.lookup(account, Operation.COLLECT, make_request().reference).kind is Kind.NOT_FOUND


def test_a_revoked_token_is_replaced_once_and_the_same_reference_goes_through(
    simulator: Simulator, adapter: MtnAdapter, account: Account, make_request: Any
) -> None:
    adapter.send(account, make_request())
    simulator.accounts.revoke_tokens()
    outcome = adapter.send(account, make_request())
    assert outcome.kind is Kind.PENDING
    steps = [(exchange.operation, exchange.status) for exchange in outcome.exchanges]
    assert steps == [("collect", 401), ("token", 200), ("collect", 202)]
    sent = [exchange.request_headers["X-Reference-Id"] for exchange in outcome.exchanges[::2]]
    assert sent[0] == sent[1]


def test_credentials_that_stay_rejected_refuse_the_payment_after_one_refresh(
    simulator: Simulator, adapter: MtnAdapter, account: Account, make_request: Any, faults: Any
) -> None:
    faults(token_expires_seconds=0)
    outcome = adapter.send(account, make_request())
    assert (outcome.kind, outcome.code, outcome.alarm) == (Kind.REFUSED, "credentials_rejected", True)
    assert outcome.retry_after_seconds is None
    assert [exchange.operation for exchange in outcome.exchanges] == ["token", "collect", "token", "collect"]
    assert simulator.books.payments() == []


@pytest.mark.parametrize("wrong", [{"api_key": "wrong-one"}, {"subscription_key": "wrong-one"}])
def test_wrong_credentials_are_rejected_with_an_alarm(
    simulator: Simulator, adapter: MtnAdapter, make_account: Any, make_request: Any, wrong: dict[str, str]
) -> None:
    outcome = adapter.send(make_account(simulator.url, **wrong), make_request())
    assert (outcome.kind, outcome.code, outcome.alarm) == (Kind.REFUSED, "credentials_rejected", True)


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"currency": "EUR"}, "currency_not_supported"),
        ({"reference": "not-a-uuid"}, "provider_rejected"),
        ({"phone": "abc"}, "provider_rejected"),
        ({"amount": Decimal(0)}, "provider_rejected"),
    ],
)
def test_a_request_that_mtn_finds_invalid_is_refused(
    adapter: MtnAdapter, account: Account, make_request: Any, changes: dict[str, Any], code: str
) -> None:
    outcome = adapter.send(account, make_request(**changes))
    assert (outcome.kind, outcome.code, outcome.alarm) == (Kind.REFUSED, code, True)


def test_a_text_that_mtn_would_reject_is_sanitised_and_passes(
    simulator: Simulator, adapter: MtnAdapter, account: Account, make_request: Any
) -> None:
    text = "Fish & chips, it's ready! " * 20
    assert adapter.send(account, make_request(payer_message=text, payee_note=text)).kind is Kind.PENDING


@pytest.mark.parametrize(
    ("fault", "kind", "moves"),
    [
        ({"answer": "reset", "executes": "now"}, Kind.UNKNOWN, 1),
        ({"answer": "hang", "executes": "now"}, Kind.UNKNOWN, 1),
        ({"answer": "error_500", "executes": "now"}, Kind.UNKNOWN, 1),
        ({"answer": "timeout_504", "executes": "now"}, Kind.UNKNOWN, 1),
        ({"answer": "garbage", "executes": "now"}, Kind.UNKNOWN, 1),
        ({"answer": "reset"}, Kind.UNKNOWN, 0),
        ({"answer": "html_503"}, Kind.UNKNOWN, 0),
        ({"answer": "html_403"}, Kind.REFUSED, 0),
        ({"answer": "rate_limited"}, Kind.REFUSED, 0),
        ({"answer": "unavailable_503"}, Kind.REFUSED, 0),
    ],
)
def test_an_answer_that_may_hide_a_payment_is_never_taken_for_a_refusal(
    *, simulator: Simulator, adapter: MtnAdapter, account: Account, make_request: Any, faults: Any,
    fault: dict[str, Any], kind: Kind, moves: int,
) -> None:  # fmt: skip
    faults({"match": {"operation": "collect"}, "set": fault, "times": 1})
    request = make_request()
    assert adapter.send(account, request).kind is kind
    time.sleep(0.06)
    found = adapter.lookup(account, Operation.COLLECT, request.reference).kind
    assert found is (Kind.SUCCEEDED if moves else Kind.NOT_FOUND)
    assert len(movements(simulator)) == moves


def test_a_late_execution_is_not_found_at_first_and_succeeds_later(
    adapter: MtnAdapter, account: Account, make_request: Any, faults: Any, final_outcome: Any
) -> None:
    faults({"match": {"operation": "collect"}, "set": {"answer": "reset", "executes": "late", "late_seconds": 0.15}})
    request = make_request()
    assert adapter.send(account, request).kind is Kind.UNKNOWN
    assert adapter.lookup(account, Operation.COLLECT, request.reference).kind is Kind.NOT_FOUND
    assert final_outcome(request.reference).kind is Kind.SUCCEEDED


@pytest.mark.parametrize("answer", ["reset", "hang", "html_403", "rate_limited", "error_500", "garbage", "html_503"])
def test_a_lookup_that_fails_changes_nothing(
    adapter: MtnAdapter, account: Account, make_request: Any, faults: Any, answer: str
) -> None:
    faults({"match": {"operation": "lookup"}, "set": {"answer": answer}})
    request = make_request()
    adapter.send(account, request)
    assert adapter.lookup(account, Operation.COLLECT, request.reference).kind is Kind.UNKNOWN


def test_status_calls_beyond_the_limit_are_asked_to_wait(
    adapter: MtnAdapter, account: Account, make_request: Any, faults: Any
) -> None:
    faults(status_calls_per_second=10)
    reference = make_request().reference
    outcomes = [adapter.lookup(account, Operation.COLLECT, reference) for _ in range(12)]
    assert [outcome.kind for outcome in outcomes] == [Kind.NOT_FOUND] * 10 + [Kind.UNKNOWN] * 2
    assert outcomes[-1].retry_after_seconds == 1.0


def test_a_wrong_amount_and_an_object_reason_are_handed_on(
    adapter: MtnAdapter, account: Account, make_request: Any, faults: Any, final_outcome: Any
) -> None:
    faults(wrong_amount="151.00", reason_shape="object")
    request = make_request(phone="260966000451")
    adapter.send(account, request)
    outcome = final_outcome(request.reference)
    assert (outcome.amount, outcome.code, outcome.provider_code) == (
        Decimal("151.00"), "payer_declined", "APPROVAL_REJECTED"
    )  # fmt: skip


@pytest.mark.parametrize(
    ("phone", "status"),
    [
        ("260961234567", HolderStatus.ACTIVE),
        ("260966000450", HolderStatus.NOT_FOUND),
        ("260966000451", HolderStatus.INACTIVE),
        ("260966000452", HolderStatus.UNKNOWN),
        ("260966000454", HolderStatus.UNKNOWN),
        ("260966000455", HolderStatus.UNKNOWN),
    ],
)
def test_an_account_holder_is_looked_up(
    adapter: MtnAdapter, account: Account, phone: str, status: HolderStatus
) -> None:
    assert adapter.account_holder(account, phone) is status


def test_an_account_holder_is_unknown_without_a_token(
    adapter: MtnAdapter, make_account: Any, simulator: Simulator
) -> None:
    account = make_account(simulator.url, api_key="wrong-key")
    assert adapter.account_holder(account, "260961234567") is HolderStatus.UNKNOWN


def test_no_secret_is_ever_recorded(
    simulator: Simulator, adapter: MtnAdapter, account: Account, make_request: Any
) -> None:
    request = make_request(callback_url="http://127.0.0.1:9/hooks/mtn/ab/txn/s1gnature")
    bearer = "not minted yet"
    outcomes = [adapter.send(account, request), adapter.lookup(account, Operation.COLLECT, request.reference)]
    bearer = next(iter(simulator.accounts._tokens))
    exchanges = [exchange for outcome in outcomes for exchange in outcome.exchanges]
    assert [exchange.operation for exchange in exchanges] == ["token", "collect", "lookup"]
    text = repr(exchanges) + repr(outcomes)
    for secret in (bearer, account.credentials["api_key"], account.credentials["subscription_key"], "s1gnature"):
        assert secret not in text
    assert exchanges[0].request_headers["Authorization"] == "Basic [redacted]"


def test_callbacks_are_claims_that_the_adapter_reads(
    adapter: MtnAdapter, account: Account, make_request: Any, faults: Any, callback_server: Any
) -> None:
    faults(callback="lying", callback_method="POST", callback_copies=2)
    request = make_request(callback_url=f"{callback_server.url}/hooks/1", phone="260966000451")
    adapter.send(account, request)
    received = callback_server.wait_for(2)
    assert {(method, path) for method, path, _ in received} == {("POST", "/hooks/1")}
    claim = adapter.read_callback(received[0][2])
    assert (claim.kind, claim.external_id, claim.phone) == (Kind.SUCCEEDED, "pay_1", request.phone)
    truth = adapter.lookup(account, Operation.COLLECT, request.reference)
    assert (truth.kind, truth.code) == (Kind.FAILED, "payer_declined")


def test_a_lying_callback_can_deny_a_success(
    adapter: MtnAdapter, account: Account, make_request: Any, faults: Any, callback_server: Any
) -> None:
    faults(callback="lying")
    adapter.send(account, make_request(callback_url=callback_server.url))
    assert adapter.read_callback(callback_server.wait_for(1)[0][2]).kind is Kind.FAILED


def test_a_callback_may_come_before_the_answer(
    adapter: MtnAdapter, account: Account, make_request: Any, faults: Any, callback_server: Any
) -> None:
    faults(callback_before_answer=True, approve_seconds=30)
    request = make_request(callback_url=callback_server.url)
    assert adapter.send(account, request).kind is Kind.PENDING
    assert callback_server.wait_for(1)[0][0] == "PUT"
    assert adapter.lookup(account, Operation.COLLECT, request.reference).kind is Kind.SUCCEEDED


def test_a_callback_may_be_lost(
    *, adapter: MtnAdapter, account: Account, make_request: Any, faults: Any, callback_server: Any, final_outcome: Any,
    simulator: Simulator,
) -> None:  # fmt: skip
    faults({"match": {"operation": "callback"}, "set": {"callback": "lost"}, "times": 1})
    lost, heard = make_request(callback_url=callback_server.url), make_request(callback_url=callback_server.url)
    for request in (lost, heard):
        adapter.send(account, request)
        final_outcome(request.reference)
    assert len(callback_server.wait_for(1)) == 1
    forged = {"url": callback_server.url, "method": "POST", "body": {"status": "SUCCESSFUL"}}
    assert call(simulator.url, "POST", "/_control/callbacks", forged).json()["status"] == 200
    assert json.loads(callback_server.wait_for(2)[1][2]) == {"status": "SUCCESSFUL"}
