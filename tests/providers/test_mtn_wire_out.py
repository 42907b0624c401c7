"""What MTN's answers mean where the merchant is the one who pays."""

import pytest

from providers.base import Kind, Operation
from providers.mtn import wire
from tests.providers.answers import answer

OUT = (Operation.TRANSFER, Operation.REFUND)


@pytest.mark.parametrize("operation", OUT)
@pytest.mark.parametrize(
    ("reason", "code", "alarm"),
    [
        ("NOT_ENOUGH_FUNDS", "merchant_funds_insufficient", True),
        ("PAYEE_NOT_FOUND", "payer_not_found", False),
        ("PAYEE_NOT_ALLOWED_TO_RECEIVE", "payer_barred", False),
        ("PAYEE_LIMIT_REACHED", "limit_reached", False),
        ("PAYER_LIMIT_REACHED", "limit_reached", True),
        ("PAYER_NOT_FOUND", "provider_rejected", True),
        ("SENDER_ACCOUNT_NOT_ACTIVE", "provider_rejected", True),
        ("APPROVAL_REJECTED", "provider_rejected", False),
        ("NOT_ALLOWED", "provider_rejected", True),
        ("INVALID_CURRENCY", "currency_not_supported", True),
        ("EXPIRED", "provider_error", False),
        ("COULD_NOT_PERFORM_TRANSACTION", "provider_error", False),
        ("A_NEW_WORD", "unspecified", False),
    ],
)
def test_money_out_reads_the_same_word_about_other_people(
    operation: Operation, reason: str, code: str, alarm: bool
) -> None:
    outcome = wire.read_lookup(answer(200, {"status": "FAILED", "reason": reason}), operation)
    assert (outcome.kind, outcome.code, outcome.alarm) == (Kind.FAILED, code, alarm)


@pytest.mark.parametrize("operation", OUT)
def test_a_refusal_of_money_out_delivered_as_500_is_read_by_its_own_table(operation: Operation) -> None:
    read = lambda code: wire.read(wire.SENDING[operation], answer(500, {"code": code}))  # noqa: E731
    assert (read("NOT_ENOUGH_FUNDS").kind, read("NOT_ENOUGH_FUNDS").code) == (
        Kind.FAILED,
        "merchant_funds_insufficient",
    )
    assert read("NOT_ALLOWED").kind is Kind.REFUSED
    assert read("INTERNAL_PROCESSING_ERROR").kind is Kind.UNKNOWN


def test_an_unknown_original_is_no_end_of_a_refund_unless_mtn_calls_the_request_invalid() -> None:
    body = {"code": "RESOURCE_NOT_FOUND"}
    gone = wire.read(wire.REFUND, answer(404, body))
    assert (gone.kind, gone.alarm) == (Kind.UNKNOWN, True)
    invalid = wire.read(wire.REFUND, answer(400, body))
    assert (invalid.kind, invalid.code, invalid.alarm) == (Kind.REFUSED, "provider_rejected", True)
    told = wire.read_lookup(answer(200, {"status": "FAILED", "reason": "RESOURCE_NOT_FOUND"}), Operation.REFUND)
    assert (told.kind, told.alarm) == (Kind.UNKNOWN, True)


def test_a_status_of_money_out_may_leave_out_almost_everything() -> None:
    bare = wire.read_lookup(answer(200, {"status": "SUCCESSFUL"}), Operation.REFUND)
    assert (bare.kind, bare.phone, bare.provider_reference, bare.amount) == (Kind.SUCCEEDED, "", "", None)
    body = {"status": "SUCCESSFUL", "payee": {"partyId": "260961234567"}, "payer": {"partyId": "260960000000"}}
    assert wire.read_lookup(answer(200, body), Operation.TRANSFER).phone == "260961234567"
