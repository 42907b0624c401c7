"""What MTN says about an order, to whoever asks and to whoever is called back."""

import json
from decimal import Decimal
from typing import Any

from providers.simulator.books import Payment
from providers.simulator.callbacks import Message
from providers.simulator.switches import Switches


def callback(payment: Payment, switches: Switches) -> Message | None:
    """To the address that came with the order, if one did; MTN calls back when an order has ended."""
    if not payment.callback_url or payment.status == "PENDING":
        return None
    body = json.dumps(_callback_body(payment, switches)).encode()
    return Message(switches["callback_method"], payment.callback_url, body)


def status_body(payment: Payment, switches: Switches) -> dict[str, Any]:
    """The answer to a status enquiry. It does not contain our X-Reference-Id, and neither does MTN's.

    Of a transfer or refund MTN may leave out the notes, and a refund names no party.
    """
    body: dict[str, Any] = {
        "externalId": payment.external_id,
        "amount": _amount(payment, switches["wrong_amount"]),
        "currency": payment.currency,
    }
    if payment.kind != "refund":
        party = {"partyIdType": payment.party_type, "partyId": payment.phone}
        body["payer" if payment.kind == "collection" else "payee"] = party
    if payment.kind == "collection":
        body |= {"payerMessage": payment.payer_message, "payeeNote": payment.payee_note}
    body["status"] = payment.status
    if payment.status == "SUCCESSFUL":
        body = {"financialTransactionId": payment.financial_id, **body}
    if payment.reason:
        body["reason"] = _shaped(payment.reason, switches)
    return body


def _callback_body(payment: Payment, switches: Switches) -> dict[str, Any]:
    """The same as a status answer without the payer's message; a lying one says the opposite of the truth."""
    body = status_body(payment, {**switches, "wrong_amount": ""})
    body.pop("payerMessage", None)
    if switches["callback"] != "lying":
        return body
    if payment.status == "SUCCESSFUL":
        return body | {"status": "FAILED", "reason": _shaped("APPROVAL_REJECTED", switches)}
    body.pop("reason", None)
    return {"financialTransactionId": payment.financial_id, **body, "status": "SUCCESSFUL"}


def _amount(payment: Payment, wrong: str) -> str:
    """A wrong amount with a "+" is that much more than the true one."""
    if wrong.startswith("+"):
        return str(Decimal(payment.amount) + Decimal(wrong))
    return wrong or payment.amount


def _shaped(reason: str, switches: Switches) -> Any:
    if switches["reason_shape"] == "string":
        return reason
    return {"code": reason, "message": reason.replace("_", " ").capitalize()}
