"""How a statement's columns are to be read: which is what, how numbers and times are written, what words mean."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields
from typing import Any

from payments.models import StatementLine

# Column names as people meet them, for a first guess; the person who maps has the last word.
GUESSES: dict[str, tuple[str, ...]] = {
    "date": ("date", "time", "timestamp", "datetime", "completed", "created"),
    "provider_reference": ("financial", "transaction id", "transactionid", "txn id", "receipt", "id"),
    "our_reference": ("external", "x-reference", "reference", "our ref", "merchant ref"),
    "phone": ("msisdn", "phone", "payer", "mobile", "from", "number"),
    "amount": ("amount", "value"),
    "amount_in": ("paid in", "credit", "money in", "in"),
    "amount_out": ("paid out", "withdrawn", "debit", "money out", "out"),
    "fee": ("fee", "charge", "commission"),
    "type": ("type", "kind", "operation"),
    "currency": ("currency", "ccy"),
    "status": ("status", "state", "result"),
}
DATE_FORMATS = {
    "iso": "2026-01-31 14:05:09 or ISO 8601",
    "%d/%m/%Y %H:%M:%S": "31/01/2026 14:05:09",
    "%m/%d/%Y %H:%M:%S": "01/31/2026 14:05:09",
    "%d-%m-%Y %H:%M:%S": "31-01-2026 14:05:09",
    "%d %b %Y %H:%M:%S": "31 Jan 2026 14:05:09",
}
# Offsets do: none of the countries we serve changes its clocks.
ZONES = {120: "Lusaka, Lilongwe (UTC+02:00)", 180: "Nairobi, Kampala (UTC+03:00)", 60: "Lagos (UTC+01:00)", 0: "UTC"}


@dataclass(frozen=True, slots=True)
class Layout:
    """Columns are the names in the heading, "" for none. Words are compared without regard to case."""

    date: str = ""
    provider_reference: str = ""
    our_reference: str = ""
    phone: str = ""
    amount: str = ""
    amount_in: str = ""
    amount_out: str = ""
    fee: str = ""
    type: str = ""
    currency: str = ""
    status: str = ""
    date_format: str = "iso"
    utc_offset_minutes: int = 120  # for times that do not say their own
    decimal_mark: str = "."
    default_currency: str = "ZMW"
    words: Mapping[str, str] = field(default_factory=dict)  # a word in lower case → a kind of StatementLine
    moved_words: tuple[str, ...] = ()  # only these say that money moved; an unknown word is a bad line
    failed_words: tuple[str, ...] = ()
    pending_words: tuple[str, ...] = ()

    def to_json(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> "Layout":
        known = {name.name for name in fields(cls)}
        values: dict[str, Any] = {
            name: tuple(value) if isinstance(value, list) else value for name, value in data.items()
        }
        return cls(**{name: value for name, value in values.items() if name in known})

    def columns(self) -> dict[str, str]:
        """Which of our names has which column of the file."""
        return {name: getattr(self, name) for name in GUESSES if getattr(self, name)}


@dataclass(frozen=True, slots=True)
class Preset:
    name: str
    layout: Layout
    is_proven: bool


_WORDS = {
    "collection": StatementLine.IN, "payment": StatementLine.IN, "in": StatementLine.IN,
    "transfer": StatementLine.OUT, "disbursement": StatementLine.OUT, "out": StatementLine.OUT,
    "refund": StatementLine.REFUND, "reversal": StatementLine.REFUND,
    "fee": StatementLine.FEE, "charge": StatementLine.FEE,
    "settlement": StatementLine.SETTLEMENT, "cash out": StatementLine.SETTLEMENT,
    "bank transfer": StatementLine.SETTLEMENT,
}  # fmt: skip
DEFAULT_WORDS: Mapping[str, str] = _WORDS
MOVED_WORDS = ("successful", "success", "succeeded", "completed", "complete", "paid", "settled")
FAILED_WORDS = ("failed", "rejected", "reversed", "cancelled", "canceled", "expired")
PENDING_WORDS = ("pending", "processing", "in progress")

# Put together from the field names of MTN's API. No statement of MTN has been seen, so nobody may call it proven.
UNPROVEN_MTN = Preset(
    "MTN",
    Layout(
        date="Date",
        provider_reference="Financial Transaction Id",
        our_reference="External Id",
        phone="MSISDN",
        amount="Amount",
        fee="Fee",
        type="Type",
        currency="Currency",
        status="Status",
        words=DEFAULT_WORDS,
        moved_words=MOVED_WORDS,
        failed_words=FAILED_WORDS,
        pending_words=PENDING_WORDS,
    ),
    is_proven=False,
)
PRESETS: dict[str, tuple[Preset, ...]] = {"mtn": (UNPROVEN_MTN,)}


def guess(header: tuple[str, ...]) -> Layout:
    """A first proposal from the column names alone; each column is used once."""
    taken: set[str] = set()
    found: dict[str, Any] = {}
    for name, hints in GUESSES.items():
        for hint in hints:
            fits = [
                column
                for column in header
                if column not in taken and (column.lower() == hint if hint in {"in", "out"} else hint in column.lower())
            ]
            if fits:
                found[name] = fits[0]
                taken.add(fits[0])
                break
    if "amount" in found:
        found.pop("amount_in", None)
        found.pop("amount_out", None)
    return Layout(
        **found, words=DEFAULT_WORDS, moved_words=MOVED_WORDS, failed_words=FAILED_WORDS, pending_words=PENDING_WORDS
    )
