"""How machine words look to people: one table per kind of word, colour never without an icon and a word."""

import re
from dataclasses import dataclass
from enum import StrEnum

from payments.kinds import kind_of_id
from payments.models import LedgerEntry
from providers.base import Operation
from tenants.roles import DESCRIPTIONS


class Tone(StrEnum):
    """The colour families of static/css/components.css."""

    GOOD = "good"
    BAD = "bad"
    BUSY = "busy"
    DOUBT = "doubt"
    CALM = "calm"


@dataclass(frozen=True, slots=True)
class Look:
    word: str
    icon: str
    tone: Tone


STATUSES: dict[str, Look] = {
    "pending": Look("Pending", "clock", Tone.CALM),
    "processing": Look("Processing", "loader-2", Tone.BUSY),
    "unknown": Look("Unknown", "help-circle", Tone.DOUBT),
    "succeeded": Look("Succeeded", "circle-check", Tone.GOOD),
    "failed": Look("Failed", "circle-x", Tone.BAD),
    "canceled": Look("Canceled", "ban", Tone.CALM),
}
KEY_STATES: dict[str, Look] = {
    "active": Look("Active", "circle-check", Tone.GOOD),
    "expired": Look("Expired", "clock", Tone.DOUBT),
    "revoked": Look("Revoked", "ban", Tone.CALM),
}
RESULTS: dict[str, Look] = {
    "ok": Look("Done", "check", Tone.CALM),
    "denied": Look("Denied", "lock", Tone.DOUBT),
    "failed": Look("Failed", "circle-x", Tone.BAD),
}
# Not a status: a pending refund or payout whose provider is down.
HELD = Look("Waiting", "clock", Tone.DOUBT)
LOOKS: dict[str, dict[str, Look]] = {"status": STATUSES | {"held": HELD}, "key": KEY_STATES, "result": RESULTS}

NETWORKS: dict[str, str] = {"mtn": "MTN", "airtel": "Airtel", "zamtel": "Zamtel"}
_NETWORK_WORD = re.compile(rf"(?<![\w.:/@-])({'|'.join(NETWORKS)})(?![\w/@-]|[.:]\w)")
SIGNS: dict[str, str] = {"ZMW": "K"}
ACTIONS: dict[str, str] = {
    "fee.changed": "Fee changed",
    "payment.alarm": "Needs a person",
    "payment.cancel": "Cancel asked for",
    "payment.check": "Check asked for",
    "payment.reveal_phone": "Phone revealed",
}
OPERATIONS: dict[str, str] = {
    Operation.COLLECT: "Collecting a payment",
    Operation.REFUND: "Refunding a payment",
    Operation.TRANSFER: "Paying out",
}
LEDGER_ACCOUNTS: dict[str, str] = {
    LedgerEntry.PROVIDER_BALANCE: "At the provider",
    LedgerEntry.COLLECTED: "Collected",
    LedgerEntry.REFUNDED: "Refunded",
    LedgerEntry.PAID_OUT: "Paid out",
    LedgerEntry.FEES: "Fees",
    LedgerEntry.SETTLED: "Settled",
}
WHO_ACTS: dict[str, str] = {
    "payer": "The payer",
    "merchant": "You",
    "provider": "The network",
    "us": "Ndalama",
}


def look(kind: str, word: str) -> Look:
    """A word that is not in the table is shown as it is: better plain than missing."""
    return LOOKS[kind].get(word) or Look(word.replace("_", " ").capitalize(), "help-circle", Tone.CALM)


def network(provider: str) -> str:
    return NETWORKS.get(provider, provider)


def with_network_names(text: str) -> str:
    """`Handed to mtn as 8f1c….` → "Handed to MTN as 8f1c….". Addresses and machine words stay as they are."""
    return _NETWORK_WORD.sub(lambda found: NETWORKS[found[0]], text)


def action_words(action: str) -> str:
    """`key.created` → "Key created"; a denied attempt is recorded under the permission that it lacked."""
    return ACTIONS.get(action) or DESCRIPTIONS.get(action) or action.replace(".", " ").replace("_", " ").capitalize()


def posting_words(posting: str) -> str:
    """`pay_01k…:succeeded` → "Payment succeeded"; `pay_01k…:fee` → "Fee of the payment"."""
    object_id, _, what = posting.partition(":")
    kind = kind_of_id(object_id)
    name = kind.object_name if kind else object_id.partition("_")[0]
    return f"Fee of the {name}" if what == "fee" else f"{name} {what}".replace("_", " ").capitalize()


def actor_words(actor: str) -> str:
    """`user:42 mary@acme.test` → "mary@acme.test"; `system:sweep` → "Ndalama (sweep)"; keys by their name."""
    kind, _, rest = actor.partition(":")
    name, _, label = rest.partition(" ")
    if kind == "key":
        return f"key {label}" if label else f"key {name}"
    if kind == "provider":
        return network(name)
    if kind == "system":
        return f"Ndalama ({name})"
    return label or rest or actor
