"""Says in plain words what needs attention: the lines of Home, the most urgent first."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from payments.selectors.attention import ALARM, HELD, PROPOSED, STOPPED, UNKNOWN, Attention, Pile
from payments.selectors.circuits import BlockedCircuit
from portal.templatetags.money import plain_money
from portal.templatetags.times import relative_words
from portal.words import OPERATIONS, Tone, network


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


def home_lines(attention: Attention, now: datetime) -> list[Line]:
    """Only what there is, the most urgent first."""
    lines = []
    if attention.alarms.count:
        text = f"The network contradicted itself, or has not settled it in time. {_stakes(attention.alarms, now)}"
        title = _count(attention.alarms.count, "alarm")
        lines.append(Line(title, text, "hand-stop", Tone.BAD, "attention", f"?sort={ALARM}", "Look into"))
    if attention.other_money.count:
        count, text = attention.other_money.count, "Nothing is booked until two people have settled it."
        title = f"{count:,} reported with another amount or number than we asked for"
        text = f"{text} {_stakes(attention.other_money, now)}"
        lines.append(Line(title, text, "hand-stop", Tone.BAD, "attention", f"?sort={UNKNOWN}", "Look into"))
    lines += [_circuit(circuit, now) for circuit in attention.circuits]
    if attention.empty_float.count:
        title = f"{attention.empty_float.count:,} failed because the float is empty"
        text = f"{_nothing_moved(attention.empty_float, now)} Top up the disbursement float, then repeat."
        lines.append(Line(title, text, "upload", Tone.DOUBT, "attention", f"?sort={STOPPED}", "Show"))
    if attention.stopped.count:
        title = f"{attention.stopped.count:,} failed for a reason on your side"
        text = f"{_nothing_moved(attention.stopped, now)} The list says what has to be put right."
        lines.append(Line(title, text, "alert-triangle", Tone.DOUBT, "attention", f"?sort={STOPPED}", "Show"))
    if attention.proposals:
        title = f"{_count(attention.proposals, 'proposal')} to settle by hand"
        text = "A second person has to look at the evidence and decide."
        lines.append(Line(title, text, "user-check", Tone.DOUBT, "attention", f"?sort={PROPOSED}", "Review"))
    if attention.unknown.count:
        text = f"{_stakes(attention.unknown, now)} We keep asking; do not charge or pay these people again."
        title = _count(attention.unknown.count, "unknown outcome")
        lines.append(Line(title, text, "help-circle", Tone.DOUBT, "attention", f"?sort={UNKNOWN}", "Show"))
    if attention.held.count:
        age = f"The oldest {_since(attention.held, now)}; {_amounts(attention.held.amounts)} in all."
        text = f"{age} Nothing was sent; they go out by themselves, and can be canceled until then."
        title = f"{attention.held.count:,} waiting for a network"
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


def _circuit(circuit: BlockedCircuit, now: datetime) -> Line:
    what = f"{network(circuit.provider)}: {OPERATIONS.get(circuit.operation, circuit.operation).lower()}"
    since = f" since {relative_words(circuit.since, now).removesuffix(' ago')}" if circuit.since else ""
    title = f"{what} are {'stopped by hand' if circuit.is_forced else 'down'}{since}"
    text = "Nothing is sent; what is asked for waits."
    if circuit.operation == "collect":
        text = "New payments are refused at once, so that no payer waits."
    return Line(title, text, "server-2", Tone.BAD, "providers", "", "Look into")


def _stakes(pile: Pile, now: datetime) -> str:
    """`Oldest 3 h ago; K 990.00 at stake.`"""
    return f"Oldest {_since(pile, now)}; {_amounts(pile.amounts)} at stake."


def _nothing_moved(pile: Pile, now: datetime) -> str:
    return f"Oldest {_since(pile, now)}; {_amounts(pile.amounts)}. Nothing moved."


def _since(pile: Pile, now: datetime) -> str:
    return relative_words(pile.oldest, now) if pile.oldest else "just now"


def _amounts(amounts: dict[str, Decimal]) -> str:
    return ", ".join(plain_money(amount, currency) for currency, amount in amounts.items())


def _count(number: int, what: str) -> str:
    return f"{number:,} {what}{'' if number == 1 else 's'}"
