"""How machine words look to people: one table per kind of word, colour never without an icon and a word."""

import re
from dataclasses import dataclass
from enum import StrEnum

from payments.decisions import (
    ALIVE_AFTER_FAILED,
    FORGOTTEN,
    HAS_NO_RECORD,
    OTHER_MONEY,
    PAID_AFTER_FAILED,
    SAYS_FAILED,
)
from payments.kinds import kind_of_id
from payments.models import LedgerEntry
from providers.base import Operation
from providers.names import NETWORKS, network_name
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
# Not statuses. A refund or payout that is not sent yet, and whatever is not sent because its provider is down.
WAITING = Look("Waiting", "clock", Tone.CALM)
HELD: dict[str, Look] = {
    f"held-{code}": Look(f"Waiting for {name}", "clock", Tone.DOUBT) for code, name in NETWORKS.items()
}
CALLBACK_VERDICTS: dict[str, Look] = {
    "received": Look("Being checked", "loader-2", Tone.BUSY),
    "applied": Look("Applied", "shield-check", Tone.GOOD),
    "no_change": Look("Nothing new", "check", Tone.CALM),
    "unconfirmed": Look("Not confirmed", "help-circle", Tone.DOUBT),
    "rejected": Look("Rejected", "shield-x", Tone.BAD),
    "unmatched": Look("Matches nothing", "help-circle", Tone.DOUBT),
}
# The breaker's own states, and a person's word over them.
CIRCUITS: dict[str, Look] = {
    "closed": Look("Closed", "circle-check", Tone.GOOD),
    "open": Look("Open", "circle-x", Tone.BAD),
    "half-open": Look("Half-open", "help-circle", Tone.DOUBT),
    "forced-open": Look("Stopped by hand", "hand-stop", Tone.BAD),
    "forced-closed": Look("Let through by hand", "hand-stop", Tone.DOUBT),
}
# How well an operation of a provider serves, by payments/health/judging.py.
HEALTH: dict[str, Look] = {
    "operational": Look("Operational", "circle-check", Tone.GOOD),
    "degraded": Look("Degraded", "alert-triangle", Tone.DOUBT),
    "down": Look("Down", "circle-x", Tone.BAD),
}
PROPOSALS: dict[str, Look] = {
    "proposed": Look("Waits for a second person", "clock", Tone.DOUBT),
    "approved": Look("Approved", "circle-check", Tone.GOOD),
    "rejected": Look("Rejected", "circle-x", Tone.BAD),
    "withdrawn": Look("Withdrawn", "ban", Tone.CALM),
    "overtaken": Look("The network spoke first", "refresh", Tone.CALM),
}
# Whether a routing rule can be followed.
RULE_STATES: dict[str, Look] = {
    "on": Look("On", "circle-check", Tone.GOOD),
    "off": Look("Off", "ban", Tone.CALM),
    "unconnected": Look("No account", "alert-triangle", Tone.DOUBT),
}
LOOKS: dict[str, dict[str, Look]] = {
    "status": STATUSES | HELD | {"waiting": WAITING},
    "key": KEY_STATES,
    "result": RESULTS,
    "callback": CALLBACK_VERDICTS,
    "circuit": CIRCUITS,
    "health": HEALTH,
    "proposal": PROPOSALS,
    "rule": RULE_STATES,
}

_NETWORK_WORD = re.compile(rf"(?<![\w.:/@-])({'|'.join(NETWORKS)})(?![\w/@-]|[.:]\w)")
SIGNS: dict[str, str] = {"ZMW": "K"}
ACTIONS: dict[str, str] = {
    "callback.linked": "Message linked",
    "fee.changed": "Fee changed",
    "payment.alarm": "Alarm raised",
    "payment.alarm_seen": "Alarm marked as seen",
    "payment.cancel": "Cancel asked for",
    "payment.check": "Check asked for",
    "payment.held": "Waiting for the network",
    "payment.released": "No longer waiting",
    "payment.rerouted": "Next provider tried",
    "payment.reveal_phone": "Phone revealed",
    "provider.down": "Provider down",
    "provider.override": "Circuit overridden",
    "provider.recovered": "Provider recovered",
    "resolution.approved": "Proposal approved",
    "resolution.overtaken": "Proposal overtaken",
    "resolution.proposed": "Outcome proposed",
    "resolution.rejected": "Proposal rejected",
    "resolution.withdrawn": "Proposal withdrawn",
    "routing.changed": "Routing rules changed",
}
# What reconciliation said when it raised an alarm, and what it means for whoever looks.
ALARMS: dict[str, str] = {
    PAID_AFTER_FAILED: (
        "The network says that it was paid, after it had failed. It is booked as paid now: "
        "check that nobody was charged or paid a second time meanwhile."
    ),
    SAYS_FAILED: "The network says that it failed, although it is booked as paid. Ask the network which is true.",
    HAS_NO_RECORD: ("The network has no record of it, although it is booked as paid. Ask the network which is true."),
    ALIVE_AFTER_FAILED: (
        "The network is working on it, although it had failed. Do not repeat it: we keep asking how it ends."
    ),
    OTHER_MONEY: (
        "The network reports a success of another amount, currency or number than we asked for. "
        "Nothing is booked until it is settled."
    ),
    FORGOTTEN: "The network had accepted it and has no record of it now. The money may have moved, or not.",
}
# What an account can be asked for, in the words of the navigation.
OPERATIONS: dict[str, str] = {
    Operation.COLLECT: "Payments",
    Operation.REFUND: "Refunds",
    Operation.TRANSFER: "Payouts",
}
LEDGER_ACCOUNTS: dict[str, str] = {
    LedgerEntry.PROVIDER_BALANCE: "At the provider",
    LedgerEntry.COLLECTED: "Collected",
    LedgerEntry.REFUNDED: "Refunded",
    LedgerEntry.PAID_OUT: "Paid out",
    LedgerEntry.FEES: "Fees",
    LedgerEntry.SETTLED: "Settled",
}
# The merchant's own people are named by portal/access.py: it depends on who looks.
WHO_ACTS: dict[str, str] = {
    "payer": "The payer",
    "recipient": "The recipient",
    "provider": "The network",
    "us": "Ndalama",
}


def look(kind: str, word: str) -> Look:
    """A word that is not in the table is shown as it is: better plain than missing."""
    return LOOKS[kind].get(word) or Look(word.replace("_", " ").capitalize(), "help-circle", Tone.CALM)


def network(provider: str) -> str:
    return network_name(provider)


def with_network_names(text: str) -> str:
    """`Handed to mtn as 8f1c….` → "Handed to MTN as 8f1c….". Addresses and machine words stay as they are."""
    return _NETWORK_WORD.sub(lambda found: NETWORKS[found[0]], text)


def alarm_words(alarm: str) -> str:
    """What an alarm means; one that the table does not have, as it was recorded."""
    return ALARMS.get(alarm) or with_network_names(alarm)


def action_words(action: str) -> str:
    """`key.created` → "Key created"; a denied attempt is recorded under the permission that it lacked."""
    return ACTIONS.get(action) or DESCRIPTIONS.get(action) or action.replace(".", " ").replace("_", " ").capitalize()


def posting_words(posting: str) -> str:
    """`pay_01k…:succeeded` → "Payment succeeded"; `pay_01k…:fee` → "Fee of the payment"; `x:settled` → "Settled"."""
    object_id, _, what = posting.partition(":")
    kind = kind_of_id(object_id)
    if kind is None:
        return what.replace("_", " ").capitalize()
    return f"Fee of the {kind.object_name}" if what == "fee" else f"{kind.object_name} {what}".capitalize()


def actor_words(actor: str) -> str:
    """`user:42 mary@acme.test` → "mary@acme.test"; `system:sweep` → "Ndalama (sweep)"; keys by their name.

    Two people who settled something together: `people:user:1 a@x + user:2 b@x` → "a@x and b@x".
    """
    kind, _, rest = actor.partition(":")
    if kind == "people":
        return " and ".join(actor_words(each) for each in rest.split(" + "))
    name, _, label = rest.partition(" ")
    if kind == "key":
        return f"key {label}" if label else f"key {name}"
    if kind == "provider":
        return network(name)
    if kind == "system":
        return f"Ndalama ({name})"
    return label or rest or actor
