"""Says in plain words why something needs attention: the lines of Home, and what is known and who must act per item."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from payments.selectors.attention import ALARM, HELD, PROPOSED, UNKNOWN, Attention, Item, Pile
from payments.selectors.circuits import BlockedCircuit
from payments.states import FINAL
from portal.templatetags.money import plain_money
from portal.templatetags.times import relative_words
from portal.words import OPERATION_NAMES, Tone, actor_words, alarm_words, network


@dataclass(frozen=True, slots=True)
class Line:
    """One line of Home. `page` and `query` say where it is put right."""

    title: str
    text: str
    icon: str
    tone: Tone
    page: str
    query: str
    action: str


@dataclass(frozen=True, slots=True)
class Words:
    """What is known about an item, and who must do what."""

    known: str
    who_acts: str


def home_lines(attention: Attention, now: datetime) -> list[Line]:
    """Only what there is, the most urgent first."""
    lines = []
    if attention.alarms.count:
        text = f"The network contradicted itself, or has not settled it in time. {_stakes(attention.alarms, now)}"
        title = _count(attention.alarms.count, "alarm")
        lines.append(Line(title, text, "hand-stop", Tone.BAD, "attention", f"?sort={ALARM}", "Look into"))
    lines += [_circuit(circuit, now) for circuit in attention.circuits]
    if attention.proposals:
        title = f"{_count(attention.proposals, 'proposal')} to settle by hand"
        text = "A second person has to look at the evidence and decide."
        lines.append(Line(title, text, "user-check", Tone.DOUBT, "attention", f"?sort={PROPOSED}", "Review"))
    if attention.unknown.count:
        text = f"{_stakes(attention.unknown, now)} We keep asking; do not charge or pay these people again."
        title = _count(attention.unknown.count, "unknown outcome")
        lines.append(Line(title, text, "help-circle", Tone.DOUBT, "attention", f"?sort={UNKNOWN}", "Show"))
    if attention.held.count:
        text = f"{_stakes(attention.held, now)} Nothing was sent; they go out by themselves."
        title = f"{attention.held.count:,} held until the network is back"
        lines.append(Line(title, text, "clock", Tone.BUSY, "attention", f"?sort={HELD}", "Show"))
    if attention.unmatched_callbacks:
        text = "A network sent news that belongs to none of your payments. Say which one it is."
        title = f"{_count(attention.unmatched_callbacks, 'unmatched message')} in 7 days"
        lines.append(Line(title, text, "mail", Tone.DOUBT, "inbox", "?verdict=unmatched", "Match"))
    if attention.rejected_callbacks:
        text = "Not one of them changed anything."
        title = f"{_count(attention.rejected_callbacks, 'rejected callback')} in 7 days"
        lines.append(Line(title, text, "shield-x", Tone.BAD, "inbox", "?verdict=rejected", "Show"))
    return lines


def explain(item: Item) -> Words:
    """For one row of the list."""
    return _EXPLAINERS[item.sort](item, network(item.provider))


def _circuit(circuit: BlockedCircuit, now: datetime) -> Line:
    what = f"{network(circuit.provider)}: {OPERATION_NAMES.get(circuit.operation, circuit.operation).lower()}"
    since = f" since {relative_words(circuit.since, now).removesuffix(' ago')}" if circuit.since else ""
    title = f"{what} is {'stopped by hand' if circuit.is_forced else 'down'}{since}"
    text = "Nothing is sent; what is asked for waits."
    if circuit.operation == "collect":
        text = "New payments are refused at once, so that no payer waits."
    return Line(title, text, "server-2", Tone.BAD, "providers", "", "Look into")


def _stakes(pile: Pile, now: datetime) -> str:
    """`Oldest 3 h ago; K 990.00 at stake.`"""
    age = f"Oldest {relative_words(pile.oldest, now)}; " if pile.oldest else ""
    return f"{age}{_amounts(pile.amounts)} at stake."


def _amounts(amounts: dict[str, Decimal]) -> str:
    return ", ".join(plain_money(amount, currency) for currency, amount in amounts.items())


def _count(number: int, what: str) -> str:
    return f"{number:,} {what}{'' if number == 1 else 's'}"


def _unknown(item: Item, name: str) -> Words:
    known = f"{name} has given no clear answer. The money may have moved, or not."
    if item.attention_at:
        reason = f" {alarm_words(item.alarm)}" if item.alarm else ""
        return Words(f"{known}{reason}", f"You: ask {name} with our reference, then settle it by hand.")
    return Words(known, f"Nobody yet: we keep asking {name}.")


def _proposed(item: Item, name: str) -> Words:
    ended = "paid" if item.proposed_outcome == "succeeded" else "not paid"
    who = actor_words(item.proposed_by)
    return Words(
        f"{name} has given no clear answer. {who} proposes to settle it as {ended}.",
        f"Somebody other than {who} who may approve.",
    )


def _alarm(item: Item, name: str) -> Words:
    if item.status in FINAL:
        known = alarm_words(item.alarm) if item.alarm else f"{name} ended it in a way that somebody should look at."
        return Words(known, "You: look into it, then mark it as seen.")
    reason = alarm_words(item.alarm) if item.alarm else f"{name} has it and gives no final word."
    return Words(reason, f"You: ask {name} with our reference. We keep asking, too.")


def _held(_item: Item, name: str) -> Words:
    return Words(
        f"{name} is down, so it was not sent. No money moved.", "Nobody: it goes out by itself. You may cancel it."
    )


_EXPLAINERS = {UNKNOWN: _unknown, PROPOSED: _proposed, ALARM: _alarm, HELD: _held}
