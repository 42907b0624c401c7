"""Airtel's callbacks: to one address per application, with a hash where the portal holds a secret for it."""

import base64
import hashlib
import hmac
import json
from collections.abc import Callable, Mapping

from providers.simulator.airtel.clients import Clients
from providers.simulator.airtel.told import money_id
from providers.simulator.books import Payment
from providers.simulator.callbacks import Message
from providers.simulator.switches import Switches

Transaction = Mapping[str, str]


class CallbackWriter:
    def __init__(self, clients: Clients) -> None:
        self._clients = clients

    def __call__(self, payment: Payment, switches: Switches) -> Message:
        client = self._clients.find(payment.api_user)
        secret = client.callback_secret if client else ""
        body = written(_transaction(payment, switches), secret, switches)
        return Message("POST", payment.callback_url, body)


def written(transaction: Transaction, secret: str, switches: Switches) -> bytes:
    """The callback's JSON. What the hash is over differs between Airtel's own examples: hence the switch."""
    form = switches["callback_hash_over"]
    if not secret or switches["callback_hash"] == "none":
        return json.dumps({"transaction": transaction}).encode()
    signed = FORMS[form](transaction)
    digest = hmac.new(secret.encode(), signed.encode(), hashlib.sha256).digest()
    if switches["callback_hash"] == "wrong":
        digest = digest[::-1]
    text = base64.b64encode(digest).decode()
    if form == "raw":
        return f'{signed[:-1]},"hash":"{text}"}}'.encode()
    return json.dumps({"transaction": transaction, "hash": text}).encode()


def _compact(value: object) -> str:
    return json.dumps(value, separators=(",", ":"))


# raw: the bytes as they are sent, without the hash. They look like none of the others.
FORMS: Mapping[str, Callable[[Transaction], str]] = {
    "compact": lambda transaction: _compact({"transaction": transaction}),
    "spaced": lambda transaction: json.dumps({"transaction": transaction}),
    "indented": lambda transaction: json.dumps({"transaction": transaction}, indent=2),
    "inner": _compact,
    "raw": lambda transaction: f'{{"transaction":{json.dumps(transaction)}}}',
}


def _transaction(payment: Payment, switches: Switches) -> Transaction:
    """A lying one says the opposite of the truth. TF also stands for what expired."""
    words = {"SUCCESSFUL": "TS", "FAILED": "TF", "PENDING": "TIP"}
    word = words[payment.status]
    if switches["callback"] == "lying":
        word = {"TS": "TF", "TF": "TS"}.get(word, "TS")
    number = money_id(payment, switches) or "NA"
    texts = {
        "TS": f"Paid {payment.currency} {payment.amount} to SHOP, Trans ID {number}.",
        "TF": "Transaction failed.",
        "TIP": "Transaction in progress.",
    }
    transaction = {"id": payment.reference, "message": texts[word], "status_code": word}
    return transaction if word == "TIP" else {**transaction, "airtel_money_id": number}
