"""Says of one thing on the attention list what is known about it, and who must do what."""

from collections.abc import Sequence
from dataclasses import dataclass

from payments.decisions import FORGOTTEN, OTHER_MONEY
from payments.selectors.attention import ALARM, EMPTY_FLOAT, HELD, PROPOSED, STOPPED, UNKNOWN, Item
from payments.selectors.circuits import BlockedCircuit
from payments.states import FINAL
from portal.held_words import held_words
from portal.reports import reported
from portal.words import actor_words, alarm_words, network, with_network_names


@dataclass(frozen=True, slots=True)
class Words:
    known: str
    who_acts: str


@dataclass(frozen=True, slots=True)
class Reader:
    """Who may do what, as the one who reads calls them: "You", or the roles by name."""

    settles: str
    sees: str
    repeats: str
    cancels: str
    approves: str  # always roles: an approval takes somebody else
    circuits: Sequence[BlockedCircuit] = ()  # what lets nothing through now


def explain(item: Item, reader: Reader) -> Words:
    return _EXPLAINERS[item.sort](item, network(item.provider), reader)


def _unknown(item: Item, name: str, reader: Reader) -> Words:
    if not item.attention_at:
        return Words(_doubt(item, name), f"Nobody yet: we wait for {name}'s word.")
    return Words(_doubt(item, name), f"{reader.settles}: ask {name} with our reference, then settle it by hand.")


def _proposed(item: Item, name: str, reader: Reader) -> Words:
    ended = "paid" if item.proposed_outcome == "succeeded" else "not paid"
    who = actor_words(item.proposed_by)
    known = f"{_doubt(item, name)} {who} proposes to settle it as {ended}."
    return Words(known, f"{reader.approves} other than {who}, who has to approve or reject it.")


def _doubt(item: Item, name: str) -> str:
    """What the network has said of an unknown outcome, if it was not simply silent."""
    if item.alarm in (OTHER_MONEY, FORGOTTEN):
        return _told(item)
    known = f"{name} has given no clear answer. The money may have moved, or not."
    return f"{known} {alarm_words(item.alarm)}" if item.alarm and item.attention_at else known


def _alarm(item: Item, name: str, reader: Reader) -> Words:
    if item.status in FINAL:
        known = _told(item) if item.alarm else f"{name} ended it in a way that somebody should look at."
        return Words(known, f"{reader.sees}: look into it, then mark it as seen.")
    known = _told(item) if item.alarm else f"{name} has it and gives no final word."
    return Words(known, f"{reader.settles}: ask {name} with our reference. We keep asking, too.")


def _stopped(item: Item, name: str, reader: Reader) -> Words:
    if item.failure_code == EMPTY_FLOAT:
        known = f"Failed: your disbursement float at {name} did not hold the amount. Nothing moved."
        return Words(known, f"{reader.repeats}: top up the disbursement float at {name}, then repeat it.")
    why = with_network_names(item.alarm) or f"{name} refused it for a reason on your side."
    return Words(f"Failed: {why} Nothing moved.", f"{reader.sees}: put that right, then mark it as seen.")


def _held(item: Item, name: str, reader: Reader) -> Words:
    why = held_words(kind=item.kind, provider=item.provider, held_at=item.held_at, circuits=reader.circuits)
    return Words(
        f"Waiting for {name} {why}. Nothing was sent and no money moved.",
        f"Nobody: it goes out by itself. {reader.cancels} may cancel it until then.",
    )


def _told(item: Item) -> str:
    return f"{reported(item, item.report)} {alarm_words(item.alarm)}".strip()


_EXPLAINERS = {UNKNOWN: _unknown, PROPOSED: _proposed, ALARM: _alarm, STOPPED: _stopped, HELD: _held}
