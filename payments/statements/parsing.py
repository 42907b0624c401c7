"""From rows to statement lines through a layout; every bad line is reported with its number and what is wrong."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from payments.models import StatementLine
from payments.money import CURRENCIES
from payments.statements.figures import read_amount, read_phone, read_time
from payments.statements.layout import Layout
from payments.statements.reading import Row, Table

MOST_TROUBLES = 100
# Their sign follows from what they are, should the file give amounts without one.
_GOES_OUT = {StatementLine.OUT, StatementLine.REFUND, StatementLine.SETTLEMENT, StatementLine.FEE}
_ZERO = Decimal("0.00")


@dataclass(frozen=True, slots=True)
class Trouble:
    """What is wrong in one line of the file."""

    number: int
    text: str


@dataclass(frozen=True, slots=True)
class ParsedLine:
    """As StatementLine, before there is a row of it."""

    number: int
    occurred_at: datetime
    provider_reference: str
    our_reference: str
    phone: str
    kind: str
    amount: Decimal
    fee: Decimal
    currency: str
    outcome: str
    status_word: str
    is_fee_stated: bool


@dataclass(frozen=True, slots=True)
class Parsed:
    lines: list[ParsedLine]
    troubles: list[Trouble]  # the first MOST_TROUBLES
    trouble_count: int


class _BadCell(ValueError):
    """Words about one cell of a line."""


def check_layout(layout: Layout, header: tuple[str, ...]) -> list[str]:
    """What the layout lacks to be used on such a heading, in words for people."""
    wrong = [f"The file has no column “{column}”." for column in layout.columns().values() if column not in header]
    if doubled := {column for column in layout.columns().values() if header.count(column) > 1}:
        wrong.append(f"More than one column is called “{min(doubled)}”; rename one in the file.")
    if not layout.date:
        wrong.append("Choose the column with the date.")
    if not layout.provider_reference and not layout.our_reference:
        wrong.append("Choose a column with the provider's reference or with ours; without any nothing can be matched.")
    if bool(layout.amount) == bool(layout.amount_in or layout.amount_out):
        wrong.append("Choose either one column for the amount, or one for money in and one for money out.")
    if layout.status and not layout.moved_words:
        wrong.append("Say which status words mean that money moved.")
    return wrong


def parse(table: Table, layout: Layout) -> Parsed:
    """Every row becomes a line or a trouble. The layout must have passed check_layout."""
    places = {name: table.header.cells.index(column) for name, column in layout.columns().items()}
    lines: list[ParsedLine] = []
    troubles: list[Trouble] = []
    count = 0
    for row in table.rows:
        try:
            lines.append(_line(row, places, layout, width=len(table.header.cells)))
        except _BadCell as error:
            count += 1
            if len(troubles) < MOST_TROUBLES:
                troubles.append(Trouble(row.number, f"{error}."))
    return Parsed(lines, troubles, count)


def _line(row: Row, places: dict[str, int], layout: Layout, *, width: int) -> ParsedLine:
    if len(row.cells) != width:
        raise _BadCell(f"It has {len(row.cells)} cells where the heading has {width}")
    cell: Callable[[str], str] = lambda name: row.cells[places[name]] if name in places else ""  # noqa: E731
    kind, amount = _money(cell, layout)
    outcome = _outcome(cell("status"), layout)
    if outcome == StatementLine.MOVED and not amount:
        raise _BadCell("Its amount is zero")
    fee = abs(_number(cell("fee"), layout, "fee")) if cell("fee") else _ZERO
    return ParsedLine(
        number=row.number,
        occurred_at=_time(cell("date"), layout),
        provider_reference=_short(cell("provider_reference"), "reference of the provider"),
        our_reference=_short(cell("our_reference"), "reference of ours"),
        phone=read_phone(cell("phone")),
        kind=kind,
        amount=amount,
        fee=fee,
        currency=_currency(cell("currency"), layout),
        outcome=outcome,
        status_word=cell("status")[:60],
        is_fee_stated=bool(cell("fee")),
    )


def _money(cell: Callable[[str], str], layout: Layout) -> tuple[str, Decimal]:
    kind = _kind(cell("type"), layout)
    if layout.amount:
        amount = _number(cell("amount"), layout, "amount")
        if amount > 0 and kind in _GOES_OUT:
            amount = -amount
    else:
        came, went = (abs(_number(cell(name), layout, name)) if cell(name) else _ZERO for name in _TWO)
        if came and went:
            raise _BadCell("It has both money in and money out")
        amount = came - went
    if not kind:
        kind = StatementLine.IN if amount >= 0 else StatementLine.OUT
    return kind, amount


_TWO = ("amount_in", "amount_out")


def _kind(word: str, layout: Layout) -> str:
    if not word:
        if layout.type:
            raise _BadCell("It does not say its type")
        return ""
    try:
        return layout.words[word.lower()]
    except KeyError:
        raise _BadCell(f"“{word}” is no type that the mapping knows") from None


def _outcome(word: str, layout: Layout) -> str:
    said = word.lower()
    if said in layout.failed_words:
        return StatementLine.FAILED
    if said in layout.pending_words:
        return StatementLine.PENDING
    if layout.status and said not in layout.moved_words:
        raise _BadCell(f"“{word}” is no status that the mapping knows")
    return StatementLine.MOVED


def _number(text: str, layout: Layout, what: str) -> Decimal:
    if not text:
        raise _BadCell(f"It has no {what}")
    try:
        return read_amount(text, decimal_mark=layout.decimal_mark)
    except ValueError as error:
        raise _BadCell(str(error)) from error


def _time(text: str, layout: Layout) -> datetime:
    if not text:
        raise _BadCell("It has no date")
    try:
        return read_time(text, date_format=layout.date_format, utc_offset_minutes=layout.utc_offset_minutes)
    except ValueError as error:
        raise _BadCell(str(error)) from error


def _currency(text: str, layout: Layout) -> str:
    code = text.upper() or layout.default_currency
    if code not in CURRENCIES:
        raise _BadCell(f"“{text}” is no currency that we know")
    return code


def _short(text: str, what: str) -> str:
    if len(text) > 64:
        raise _BadCell(f"Its {what} has more than 64 characters")
    return text


def as_row(line: ParsedLine, **more: Any) -> StatementLine:
    """The model of a parsed line, not saved."""
    return StatementLine(**{name: getattr(line, name) for name in ParsedLine.__slots__}, **more)
