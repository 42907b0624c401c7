"""Payouts and refunds: the adapter and the simulator over real HTTP."""

from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from providers.base import Account, Kind, Operation
from providers.mtn.adapter import MtnAdapter
from providers.simulator.server import Simulator
from tests.providers.raw_server import hang, http_answer, reply, reset

TRANSFERS = [
    ("450", Kind.FAILED, "provider_error"),
    ("451", Kind.FAILED, "provider_rejected"),
    ("452", Kind.FAILED, "provider_error"),
    ("453", Kind.SUCCEEDED, ""),
    ("455", Kind.FAILED, "merchant_funds_insufficient"),
    ("456", Kind.FAILED, "limit_reached"),
    ("457", Kind.FAILED, "payer_not_found"),
    ("458", Kind.FAILED, "provider_rejected"),
    ("459", Kind.FAILED, "provider_rejected"),
    ("460", Kind.FAILED, "provider_rejected"),
    ("461", Kind.FAILED, "currency_not_supported"),
    ("462", Kind.FAILED, "provider_error"),
    ("463", Kind.FAILED, "provider_error"),
    ("464", Kind.FAILED, "provider_rejected"),
]
REFUNDS = [
    ("801", Kind.UNKNOWN, ""),
    ("802", Kind.FAILED, "provider_error"),
    ("803", Kind.FAILED, "provider_rejected"),
    ("804", Kind.FAILED, "provider_error"),
    ("805", Kind.SUCCEEDED, ""),
    ("807", Kind.FAILED, "provider_rejected"),
    ("810", Kind.FAILED, "currency_not_supported"),
    ("812", Kind.FAILED, "provider_error"),
    ("813", Kind.FAILED, "provider_error"),
]
OUT = (Operation.TRANSFER, Operation.REFUND)


@pytest.fixture
def make_order(make_payout: Any, make_refund: Any, collected: Any) -> Any:
    """A payout, or the refund of a collection that was just made."""
    return lambda operation: make_payout() if operation is Operation.TRANSFER else make_refund(collected())


def out(simulator: Simulator) -> list[tuple[str, str, str]]:
    found = simulator.books.ledger()["movements"]
    return [(each["kind"], each["amount"], each["phone"]) for each in found if each["direction"] == "out"]


def test_a_payout_reaches_its_recipient_once(
    simulator: Simulator, adapter: MtnAdapter, account: Account, make_payout: Any, final_outcome: Any
) -> None:
    payout = make_payout(amount=Decimal("200.00"))
    assert adapter.send(account, payout).kind is Kind.PENDING
    assert adapter.send(account, payout).provider_code == "RESOURCE_ALREADY_EXIST"
    outcome = final_outcome(payout.reference, Operation.TRANSFER)
    assert (outcome.kind, outcome.amount, outcome.phone) == (Kind.SUCCEEDED, Decimal("200.00"), payout.phone)
    assert out(simulator) == [("transfer", "200.00", payout.phone)]


def test_a_refund_goes_back_to_the_payer_in_parts(
    simulator: Simulator, adapter: MtnAdapter, account: Account, collected: Any, make_refund: Any, final_outcome: Any
) -> None:
    paid = collected()
    for amount in ("50.00", "100.00"):
        refund = make_refund(paid, amount=Decimal(amount), external_id=f"ref_{amount}")
        assert adapter.send(account, refund).kind is Kind.PENDING
        outcome = final_outcome(refund.reference, Operation.REFUND)
        assert (outcome.kind, outcome.amount, outcome.phone) == (Kind.SUCCEEDED, Decimal(amount), "")
    assert out(simulator) == [("refund", "50.00", paid.phone), ("refund", "100.00", paid.phone)]
    assert simulator.books.ledger()["over_refunded"] == {}


@pytest.mark.parametrize(("ending", "kind", "code"), TRANSFERS)
def test_each_sandbox_number_ends_a_payout_as_the_table_says(
    *,
    adapter: MtnAdapter,
    make_account: Any,
    simulator: Simulator,
    make_payout: Any,
    ending: str,
    kind: Kind,
    code: str,
) -> None:
    for environment, currency, start in (("sandbox", "EUR", "46733123"), ("mtnzambia", "ZMW", "260966777")):
        account = make_account(simulator.url, disbursement_target_environment=environment)
        payout = make_payout(phone=start + ending, currency=currency)
        assert adapter.send(account, payout).kind is Kind.PENDING
        outcome = adapter.lookup(account, Operation.TRANSFER, payout.reference)
        while outcome.kind is Kind.PENDING:
            outcome = adapter.lookup(account, Operation.TRANSFER, payout.reference)
        assert (outcome.kind, outcome.code) == (kind, code)


@pytest.mark.parametrize(("ending", "kind", "code"), REFUNDS)
def test_each_payer_with_a_refund_scenario_ends_it_as_the_table_says(
    *, adapter: MtnAdapter, account: Account, collected: Any, make_refund: Any, final_outcome: Any,
    ending: str, kind: Kind, code: str,
) -> None:  # fmt: skip
    refund = make_refund(collected(phone=f"260966000{ending}"))
    assert adapter.send(account, refund).kind is Kind.PENDING
    outcome = final_outcome(refund.reference, Operation.REFUND)
    assert (outcome.kind, outcome.code) == (kind, code)


def test_a_refund_of_what_the_network_does_not_know_stays_unknown(
    simulator: Simulator, adapter: MtnAdapter, account: Account, make_request: Any, make_refund: Any
) -> None:
    outcome = adapter.send(account, make_refund(make_request()))
    assert (outcome.kind, outcome.alarm, outcome.trouble) == (Kind.UNKNOWN, True, False)
    assert out(simulator) == []


def test_a_refund_of_what_was_never_paid_fails(
    adapter: MtnAdapter, account: Account, make_request: Any, make_refund: Any, final_outcome: Any
) -> None:
    declined = make_request(phone="260966000451")
    adapter.send(account, declined)
    final_outcome(declined.reference)
    refund = make_refund(declined)
    adapter.send(account, refund)
    assert final_outcome(refund.reference, Operation.REFUND).kind is Kind.FAILED


def test_another_merchants_collection_cannot_be_refunded(
    simulator: Simulator, adapter: MtnAdapter, make_account: Any, account: Account, collected: Any, make_refund: Any
) -> None:
    paid = collected()
    assert adapter.send(account, make_refund(paid, amount=Decimal(1))).kind is Kind.PENDING
    stranger = make_account(simulator.url, disbursement_api_user="somebody-else")
    assert adapter.send(stranger, make_refund(paid, amount=Decimal(1))).kind is Kind.UNKNOWN
    assert [each.api_user for each in simulator.books.payments() if each.kind == "refund"] == ["7d1e4b0a-payer"]


def test_the_network_pays_back_too_much_if_asked_and_the_truth_shows_it(
    simulator: Simulator, adapter: MtnAdapter, account: Account, collected: Any, make_refund: Any, final_outcome: Any
) -> None:
    paid = collected()
    for number in range(2):
        refund = make_refund(paid, external_id=f"ref_{number}")
        adapter.send(account, refund)
        final_outcome(refund.reference, Operation.REFUND)
    ledger = simulator.books.ledger()
    assert ledger["over_refunded"] == {paid.reference: {"collected": "150.00", "refunded": "300.00"}}
    assert ledger["doubles"] == {}


def test_the_network_can_be_told_to_refuse_what_is_too_much(
    *, adapter: MtnAdapter, account: Account, collected: Any, make_refund: Any, final_outcome: Any, faults: Any
) -> None:
    faults(refuse_over_refunds=True)
    paid, kinds = collected(), []
    for _ in range(2):
        refund = make_refund(paid, amount=Decimal("100.00"))
        adapter.send(account, refund)
        kinds.append(final_outcome(refund.reference, Operation.REFUND).kind)
    assert kinds == [Kind.SUCCEEDED, Kind.FAILED]


def test_a_float_that_is_used_up_fails_payouts_for_lack_of_funds(
    *, adapter: MtnAdapter, account: Account, make_payout: Any, final_outcome: Any, faults: Any
) -> None:
    faults(float=400)
    codes = []
    for number in range(3):
        payout = make_payout(external_id=f"out_{number}")
        adapter.send(account, payout)
        codes.append(final_outcome(payout.reference, Operation.TRANSFER).code)
    assert codes == ["", "", "merchant_funds_insufficient"]


def test_two_payouts_for_one_order_are_a_double(
    simulator: Simulator, adapter: MtnAdapter, account: Account, make_payout: Any, final_outcome: Any
) -> None:
    for _ in range(2):
        payout = make_payout()
        adapter.send(account, payout)
        final_outcome(payout.reference, Operation.TRANSFER)
    assert simulator.books.ledger()["doubles"] == {"out_1": 2}


# --- credentials and tokens


def test_what_an_account_can_do_follows_from_its_credentials(adapter: MtnAdapter, account: Account) -> None:
    names = list(account.credentials)
    collect_only = {name: account.credentials[name] for name in names if "disbursement" not in name}
    pay_only = {name: account.credentials[name] for name in names if "disbursement" in name}
    assert adapter.operations(account.credentials) == set(Operation)
    assert adapter.operations(collect_only) == {Operation.COLLECT}
    assert adapter.operations(pay_only) == {Operation.TRANSFER, Operation.REFUND}
    assert adapter.operations({**pay_only, "disbursement_api_key": ""}) == set()


@pytest.mark.parametrize("operation", OUT)
def test_missing_disbursement_credentials_are_named_and_nothing_is_sent(
    simulator: Simulator, adapter: MtnAdapter, make_account: Any, make_request: Any, operation: Operation
) -> None:
    account = make_account(simulator.url, disbursement_api_key="")
    outcome = adapter.send(account, make_request(operation=operation, original_reference="x"))
    assert (outcome.kind, outcome.code, outcome.alarm) == (Kind.REFUSED, "credentials_rejected", True)
    assert "disbursement_api_key" in outcome.message
    assert (outcome.exchanges, simulator.requests.counts(), outcome.trouble) == ((), {}, False)


def test_each_product_signs_in_for_itself_once(
    simulator: Simulator, adapter: MtnAdapter, account: Account, make_request: Any, make_payout: Any
) -> None:
    for _ in range(2):
        for order in (make_request(), make_payout()):
            assert adapter.send(account, order).kind is Kind.PENDING
    assert simulator.requests.counts() == {"token": 2, "collect": 2, "transfer": 2}


def test_a_rejected_token_is_renewed_for_its_own_product_only(
    simulator: Simulator, adapter: MtnAdapter, account: Account, make_payout: Any
) -> None:
    adapter.send(account, make_payout())
    simulator.accounts.revoke_tokens()
    steps = [(each.operation, each.status) for each in adapter.send(account, make_payout()).exchanges]
    assert steps == [("transfer", 401), ("token", 200), ("transfer", 202)]


def test_an_account_that_only_pays_out_can_still_ask_about_a_number(adapter: MtnAdapter, account: Account) -> None:
    pay_only = {name: value for name, value in account.credentials.items() if "disbursement" in name}
    assert adapter.account_holder(replace(account, credentials=pay_only), "260961234567") == "active"


def test_no_secret_of_either_product_is_recorded(
    adapter: MtnAdapter, account: Account, collected: Any, make_refund: Any
) -> None:
    outcome = adapter.send(account, make_refund(collected()))
    text = repr(outcome)
    assert all(value not in text for name, value in account.credentials.items() if "key" in name)


# --- faults


@pytest.mark.parametrize("operation", OUT)
@pytest.mark.parametrize(
    ("fault", "kind", "moves"),
    [
        ({"answer": "reset", "executes": "now"}, Kind.UNKNOWN, 1),
        ({"answer": "error_500", "executes": "now"}, Kind.UNKNOWN, 1),
        ({"answer": "reset"}, Kind.UNKNOWN, 0),
        ({"answer": "rate_limited"}, Kind.REFUSED, 0),
        ({"answer": "unavailable_503"}, Kind.REFUSED, 0),
    ],
)
def test_a_fault_on_the_way_out_is_no_more_certain_than_on_the_way_in(
    *, simulator: Simulator, adapter: MtnAdapter, account: Account, make_order: Any, faults: Any, final_outcome: Any,
    operation: Operation, fault: dict[str, Any], kind: Kind, moves: int,
) -> None:  # fmt: skip
    order = make_order(operation)
    faults({"match": {"operation": operation.value}, "set": fault, "times": 1})
    assert adapter.send(account, order).kind is kind
    if moves:
        assert final_outcome(order.reference, operation).kind is Kind.SUCCEEDED
    else:
        assert adapter.lookup(account, operation, order.reference).kind is Kind.NOT_FOUND
    assert len(out(simulator)) == moves


def test_a_reference_is_known_to_its_own_operation_only(
    adapter: MtnAdapter, account: Account, make_payout: Any
) -> None:
    payout = make_payout()
    adapter.send(account, payout)
    for operation in (Operation.COLLECT, Operation.REFUND):
        assert adapter.lookup(account, operation, payout.reference).kind is Kind.NOT_FOUND


# --- callbacks


@pytest.mark.parametrize("operation", OUT)
def test_callbacks_of_money_out_are_doubled_and_lie_as_those_of_money_in(
    *, adapter: MtnAdapter, account: Account, make_order: Any, faults: Any, callback_server: Any, final_outcome: Any,
    operation: Operation,
) -> None:  # fmt: skip
    order = replace(make_order(operation), callback_url=f"{callback_server.url}/hooks/1")
    faults(callback="lying", callback_copies=2)
    adapter.send(account, order)
    received = callback_server.wait_for(2)
    claim = adapter.read_callback(received[1][2])
    assert (claim.kind, claim.external_id, claim.amount) == (Kind.FAILED, order.external_id, order.amount)
    assert claim.phone == (order.phone if operation is Operation.TRANSFER else "")
    assert final_outcome(order.reference, operation).kind is Kind.SUCCEEDED


@pytest.mark.parametrize("operation", OUT)
def test_a_callback_of_money_out_may_come_before_the_answer(
    *, adapter: MtnAdapter, account: Account, make_order: Any, faults: Any, callback_server: Any, operation: Operation
) -> None:
    order = replace(make_order(operation), callback_url=callback_server.url)
    faults({"script": "early_callback"}, approve_seconds=30)
    assert adapter.send(account, order).kind is Kind.PENDING
    assert len(callback_server.received) == 1


# --- the probe


@pytest.mark.parametrize("operation", Operation)
def test_a_probe_is_answered_and_moves_nothing(
    simulator: Simulator, adapter: MtnAdapter, account: Account, operation: Operation
) -> None:
    outcome = adapter.probe(account, operation)
    assert (outcome.kind, outcome.trouble) == (Kind.PENDING, False)
    assert simulator.requests.counts() == {"token": 1, "lookup": 1}
    assert simulator.books.payments() == []


@pytest.mark.parametrize("status", [400, 401, 403, 404, 429])
def test_a_probe_that_is_refused_was_answered(
    adapter: MtnAdapter, make_account: Any, raw_server: Any, status: int
) -> None:
    account = make_account(raw_server(reply(http_answer(status, b"{}", "Connection: close"))).url)
    outcome = adapter.probe(account, Operation.TRANSFER)
    assert (outcome.kind, outcome.trouble) == (Kind.PENDING, False)


@pytest.mark.parametrize("behaviour", [hang, reset, reply(http_answer(500, b"", "Connection: close"))])
def test_a_probe_without_an_answer_is_trouble(
    adapter: MtnAdapter, make_account: Any, raw_server: Any, behaviour: Any
) -> None:
    outcome = adapter.probe(make_account(raw_server(behaviour).url), Operation.TRANSFER)
    assert (outcome.kind, outcome.trouble) == (Kind.UNKNOWN, True)


def test_a_sign_in_that_fails_is_the_trouble_of_what_needed_it(
    adapter: MtnAdapter, account: Account, make_payout: Any, faults: Any
) -> None:
    faults({"match": {"operation": "token"}, "set": {"answer": "html_503"}})
    outcome = adapter.send(account, make_payout())
    assert (outcome.kind, outcome.trouble) == (Kind.REFUSED, True)
    assert adapter.probe(account, Operation.TRANSFER).trouble
