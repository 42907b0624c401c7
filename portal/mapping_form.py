"""The form that says which column of a statement is what, and how its numbers, times and words are to be read."""

from datetime import date, datetime, time, timedelta, timezone
from typing import Any

from django import forms

from payments.models import StatementLine
from payments.money import CURRENCIES
from payments.statements.importing import Period
from payments.statements.layout import DATE_FORMATS, GUESSES, ZONES, Layout
from payments.statements.parsing import Parsed

_COLUMNS = {
    "date": "Date and time",
    "provider_reference": "Provider's reference",
    "our_reference": "Our reference",
    "phone": "Phone",
    "amount": "Amount, signed",
    "amount_in": "Money in",
    "amount_out": "Money out",
    "fee": "Fee",
    "type": "Type",
    "currency": "Currency",
    "status": "Status",
}
_HINTS = {
    "our_reference": "The external id, the X-Reference-Id or your own reference.",
    "amount": "Leave empty if money in and out have columns of their own.",
    "type": "Without it, the sign says whether money came in or went out.",
    "currency": "Without it, every line is in the currency below.",
    "status": "Without it, every line counts as money that moved.",
}
_KIND_WORDS = {
    StatementLine.IN: "Words for money in",
    StatementLine.OUT: "Words for payouts",
    StatementLine.REFUND: "Words for refunds",
    StatementLine.FEE: "Words for fees",
    StatementLine.SETTLEMENT: "Words for settlements to the bank",
}
_OUTCOME_WORDS = {
    "moved_words": "Status words: money moved",
    "failed_words": "Status words: failed",
    "pending_words": "Status words: pending",
}


class MappingForm(forms.Form):
    """Which column is what. Built for one file: its columns are the choices."""

    def __init__(self, *args: Any, header: tuple[str, ...], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        columns = [("", "—"), *((column, column) for column in dict.fromkeys(header) if column)]
        for name, label in _COLUMNS.items():
            self.fields[name] = forms.ChoiceField(
                label=label, choices=columns, required=False, help_text=_HINTS.get(name, "")
            )
        self.fields["date_format"] = forms.ChoiceField(label="Dates look like", choices=list(DATE_FORMATS.items()))
        self.fields["utc_offset_minutes"] = forms.TypedChoiceField(
            label="Times are in", choices=[(str(key), words) for key, words in ZONES.items()], coerce=int,
            help_text="Unless a time names its own offset.",
        )  # fmt: skip
        self.fields["decimal_mark"] = forms.ChoiceField(
            label="Decimals come after", choices=[(".", "a point: 1,250.00"), (",", "a comma: 1.250,00")]
        )
        self.fields["default_currency"] = forms.ChoiceField(
            label="Currency of the statement", choices=[(code, code) for code in CURRENCIES]
        )
        for name, label in {
            **{f"words_{kind}": label for kind, label in _KIND_WORDS.items()},
            **_OUTCOME_WORDS,
        }.items():
            self.fields[name] = forms.CharField(label=label, required=False, max_length=500)
        date_input = forms.DateInput(attrs={"type": "date"})
        self.fields["first_day"] = forms.DateField(label="First day", required=False, widget=date_input)
        self.fields["last_day"] = forms.DateField(label="Last day", required=False, widget=date_input)
        self.fields["layout_name"] = forms.CharField(
            label="Name of this mapping", max_length=80, help_text="It is offered with the next file of this account."
        )

    def group(self, *names: str) -> list[forms.BoundField]:
        return [self[name] for name in names]

    def column_fields(self) -> list[forms.BoundField]:
        return self.group(*_COLUMNS)

    def writing_fields(self) -> list[forms.BoundField]:
        return self.group("date_format", "utc_offset_minutes", "decimal_mark", "default_currency")

    def word_fields(self) -> list[forms.BoundField]:
        return self.group(*(f"words_{kind}" for kind in _KIND_WORDS), *_OUTCOME_WORDS)

    def period_fields(self) -> list[forms.BoundField]:
        return self.group("first_day", "last_day")

    def clean_layout_name(self) -> str:
        """Whoever changes the preset makes another mapping; its warning must not be lost with its name."""
        return str(self.cleaned_data["layout_name"]).strip()

    def layout(self) -> Layout:
        data: dict[str, Any] = self.cleaned_data
        words = {word: kind for kind in _KIND_WORDS for word in _words(data[f"words_{kind}"])}
        plain = ("date_format", "utc_offset_minutes", "decimal_mark", "default_currency", *GUESSES)
        values: dict[str, Any] = {name: data[name] for name in plain}
        values |= {name: _words(data[name]) for name in _OUTCOME_WORDS}
        return Layout(**values, words=words)

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or self.cleaned_data
        for name in ("first_day", "last_day"):
            if data.get(name) and not 2000 <= data[name].year < 2100:
                self.add_error(name, "Choose a day of this century.")
        return data

    def period(self) -> Period | None:
        """Whole days in the zone of the file, or None while they are not chosen."""
        first, last = self.cleaned_data.get("first_day"), self.cleaned_data.get("last_day")
        if not first or not last:
            return None
        zone = timezone(timedelta(minutes=self.cleaned_data["utc_offset_minutes"]))
        return Period(_midnight(first, zone), _midnight(last + timedelta(days=1), zone))


def mapping_of(layout: Layout, *, name: str) -> dict[str, Any]:
    """The form's values for a layout."""
    of_kind = {
        f"words_{kind}": ", ".join(word for word, said in layout.words.items() if said == kind) for kind in _KIND_WORDS
    }
    outcomes = {field: ", ".join(getattr(layout, field)) for field in _OUTCOME_WORDS}
    plain = ("date_format", "decimal_mark", "default_currency", *GUESSES)
    return {
        **{field: getattr(layout, field) for field in plain},
        "utc_offset_minutes": str(layout.utc_offset_minutes),
        **of_kind,
        **outcomes,
        "layout_name": name,
    }


def days_of(parsed: Parsed, layout: Layout) -> tuple[date, date] | None:
    """The first and last day that the lines lie on, in the zone of the file."""
    if not parsed.lines:
        return None
    zone = timezone(timedelta(minutes=layout.utc_offset_minutes))
    moments = [line.occurred_at for line in parsed.lines]
    return min(moments).astimezone(zone).date(), max(moments).astimezone(zone).date()


def _words(text: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(word.strip().lower() for word in text.split(",") if word.strip()))


def _midnight(day: date, zone: timezone) -> datetime:
    return datetime.combine(day, time.min, tzinfo=zone)
