"""How the words of reconciliation look: findings, states of statements and proposals, periods."""

from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from django import template

from payments.statements.findings import FINDINGS, Finding
from portal.words import Look, Tone

register = template.Library()

# Title of each finding, short enough for a badge; its meaning is in payments/statements/findings.py.
TITLES: dict[str, str] = {
    "agrees": "Agrees",
    "nothing_moved": "Nothing moved",
    "called_unmoved": "Said to have moved nothing",
    "fee_not_stated": "Fee not stated",
    "settled": "Settled",
    "settlement": "To be booked",
    "missing_there": "Not in the statement",
    "not_there_as_paid": "Failed there",
    "waiting_there": "Pending there",
    "missing_here": "Unknown here",
    "open_here": "Open here",
    "failed_here": "Failed here",
    "not_booked": "Not in the ledger",
    "duplicate": "Duplicate line",
    "seen_before": "In an earlier statement",
    "charged_twice": "Moved twice",
    "reversed": "Taken back",
    "fee_alone": "Stray fee",
    "other_mode": "Other mode",
    "other_account": "Other account",
    "amount_differs": "Amount differs",
    "fee_differs": "Fee differs",
    "kind_differs": "Kind differs",
    "currency_differs": "Other currency",
    "books_differ": "Ledger differs",
    "split": "In several parts",
    "phone_differs": "Phone differs",
    "references_disagree": "References disagree",
    "ledger_rest": "Ledger moved otherwise",
    "late": "Booked earlier",
    "early": "Booked later",
    "in_other_statement": "In another statement",
    "after_close": "After the close",
    "unseen_after_close": "After the close, unseen",
    "outside_period": "Outside the period",
    "linked_by_hand": "Linked by hand",
    "suggested": "Suggested",
    "ambiguous": "Several fit",
}
STATES: dict[str, Look] = {
    "uploaded": Look("Not mapped yet", "circle-dashed", Tone.CALM),
    "open": Look("Open", "clock", Tone.BUSY),
    "closed": Look("Closed", "lock", Tone.GOOD),
    "proposed": Look("Waits for a second person", "user-check", Tone.DOUBT),
    "approved": Look("Approved", "circle-check", Tone.GOOD),
    "rejected": Look("Rejected", "circle-x", Tone.BAD),
    "withdrawn": Look("Withdrawn", "ban", Tone.CALM),
    "overtaken": Look("Overtaken", "history", Tone.CALM),
}
KINDS = {"in": "Money in", "out": "Payout", "refund": "Refund", "fee": "Fee", "settlement": "Settlement"}
OUTCOMES = {"moved": "Moved", "failed": "Failed", "pending": "Pending"}
ACTIONS = {"accept": "Accept", "write_off": "Write off", "settle": "Book as settled"}


@register.simple_tag
def finding(code: str, is_open: bool = False) -> dict[str, Any]:
    """The badge and the meaning of a finding."""
    known: Finding = FINDINGS[code]
    if is_open:
        look = Look(TITLES[code], "alert-triangle", Tone.DOUBT)
        return {"look": look, "meaning": known.meaning, "tab": known.tab}
    icon = "circle-check" if not known.needs_person else "check"
    look = Look(TITLES[code], icon, Tone.GOOD if code == "agrees" else Tone.CALM)
    return {"look": look, "meaning": known.meaning, "tab": known.tab}


@register.simple_tag
def statement_state(word: str) -> Look:
    return STATES[word]


@register.filter
def exception_action(word: str) -> str:
    return ACTIONS[word]


@register.filter
def line_kind(word: str) -> str:
    """What kind of line the statement has, in words: `in` → "Money in"."""
    return KINDS.get(word, word)


@register.filter
def decimal(text: str) -> Decimal:
    """An amount of a certificate, which keeps them as the text that was hashed."""
    return Decimal(text)


@register.filter
def moment(text: str | None) -> datetime | None:
    """A time of a certificate, if it has one."""
    return datetime.fromisoformat(text) if text else None


@register.filter
def line_outcome(word: str) -> str:
    """Whether the statement says that money moved: `moved` → "Moved"."""
    return OUTCOMES.get(word, word)


@register.simple_tag
def certified_kind(key: str) -> dict[str, str]:
    """A certificate's `in ZMW` → the kind's name and the currency."""
    kind, _, currency = key.partition(" ")
    return {"name": line_kind(kind), "currency": currency}


@register.filter
def layout_name(name: str) -> str:
    """Without what is said beside it: statements of before keep the name that our layout had then."""
    return name.replace(" (layout not seen from the provider: unproven)", "")


@register.filter
def days(statement: Any) -> str:
    """`10 Mar 2026` or `1 to 31 Mar 2026`: whole days in the zone of the file."""
    if statement.period_start is None:
        return "—"
    offset = timedelta(minutes=statement.layout.get("utc_offset_minutes", 0))
    first: datetime = statement.period_start + offset
    last: datetime = statement.period_end + offset - timedelta(seconds=1)
    if first.date() == last.date():
        return f"{first:%-d %b %Y}"
    if (first.year, first.month) == (last.year, last.month):
        return f"{first:%-d} to {last:%-d %b %Y}"
    return f"{first:%-d %b %Y} to {last:%-d %b %Y}"
