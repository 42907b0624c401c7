"""What Airtel says about an order: to an enquiry, in the answer to a payout, and in a callback."""

from typing import Any

from providers.simulator.airtel import messages
from providers.simulator.airtel.codes import code_of
from providers.simulator.airtel.scenarios import scenario
from providers.simulator.books import Payment
from providers.simulator.messages import Answer
from providers.simulator.switches import Switches

TRUNCATED_TO = 12


def word_of(payment: Payment, switches: Switches) -> str:
    """TS, TF, TE, TIP, TI or TA."""
    if payment.status == "SUCCESSFUL":
        return "TS"
    if payment.status == "FAILED":
        return "TE" if payment.reason == "EXPIRED" else "TF"
    while_pending: str = switches["status_while_pending"]
    return while_pending or ("TIP" if _pending(payment) == "TIP" else "TA")


def money_id(payment: Payment, switches: Switches) -> str:
    return switches["money_id"] or payment.financial_id


def enquiry(payment: Payment, switches: Switches) -> Answer:
    """The right status of the money in an envelope that, by a switch, says something else."""
    word = word_of(payment, switches)
    code, text = _code(payment, word)
    data: dict[str, Any] = {"id": payment.reference, "message": text, "status": word}
    if word == "TS":
        data = {"airtel_money_id": money_id(payment, switches), **data}
    elif switches["money_id"]:
        data = {"airtel_money_id": switches["money_id"], **data}
    return _enveloped(payment, data, (code, text), switches)


def payout(payment: Payment, switches: Switches) -> Answer:
    """The answer to a payout. Its text is for an SMS and holds our own balance."""
    word = word_of(payment, switches)
    code, text = _code(payment, word)
    data: dict[str, Any] = {
        "reference_id": payment.financial_id.rpartition("B")[2].zfill(15),
        "airtel_money_id": money_id(payment, switches),
        "id": payment.reference[:TRUNCATED_TO] if switches["truncated_id"] else payment.reference,
        "status": word,
    }
    if word == "TS":
        data["message"] = (
            f"You have sent {payment.currency} {payment.amount} to {payment.phone[3:]}. "
            f"Your balance is {payment.currency} 37,600.00. TID {payment.financial_id}."
        )
    return _enveloped(payment, data, (code, text), switches)


def _enveloped(payment: Payment, data: dict[str, Any], right: tuple[str, str], switches: Switches) -> Answer:
    (code, text), word = right, data["status"]
    is_success = word in {"TS", "TIP", "TI"}
    if switches["contradictory_envelope"]:
        is_success = not is_success
        code, text = code_of(payment.kind, "TIP" if word == "TS" else "TS")
    return messages.answered({"transaction": data}, code, text, is_success=is_success)


def _code(payment: Payment, word: str) -> tuple[str, str]:
    if payment.status == "FAILED":
        return code_of(payment.kind, payment.reason)
    if payment.status == "PENDING" and word == "TA":
        return code_of(payment.kind, _pending(payment) if _pending(payment) != "TIP" else "TA")
    return code_of(payment.kind, "TS" if word == "TS" else "TIP")


def _pending(payment: Payment) -> str:
    return scenario(payment.kind, payment.phone).pending
