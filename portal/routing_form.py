"""The form of a merchant's routing rules: a row of fields per rule, judged as a whole by payments/routing/rules.py."""

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from django import forms
from django.conf import settings
from django.http import QueryDict

from payments.routing.choosing import Route
from payments.routing.rules import MOST_RULES, ROUTED, InvalidRules, Rule, read_rules
from portal.money_forms import read_money
from portal.words import OPERATIONS, network
from providers.names import NETWORKS
from providers.registry import PROVIDERS

_OTHER_FIELDS = 10  # the note, the buttons, the CSRF token, and some to spare
_ROW = re.compile(r"rule-([0-9]{1,3})-network")
_MISTAKE = re.compile(r"Rule ([0-9]+)")


def _figures(label: str, length: int, **attributes: str) -> forms.CharField:
    attributes = {"inputmode": "decimal", "autocomplete": "off", **attributes}
    return forms.CharField(label=label, max_length=length, required=False, widget=forms.TextInput(attrs=attributes))


def _choice(label: str, choices: Iterable[tuple[str, str]]) -> forms.CharField:
    return forms.CharField(label=label, required=False, widget=forms.Select(choices=list(choices)))


class RuleForm(forms.Form):
    """Turns what was typed into what read_rules takes; that alone says what is right."""

    network = _choice("Numbers of", NETWORKS.items())
    operation = _choice("Operation", ((str(each), OPERATIONS[each]) for each in ROUTED))
    provider = _choice("Provider", ())
    priority = _choice("Priority", ((str(number), str(number)) for number in range(1, 10)))
    share = _figures("Share, %", 3, inputmode="numeric")
    amount_min = _figures("Amount from", 20, placeholder="any")
    amount_max = _figures("Amount up to", 20, placeholder="any")
    is_enabled = forms.BooleanField(label="On", required=False)

    def __init__(self, *args: Any, routes: frozenset[Route], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        connected = {provider for provider, _ in routes}
        names = {name: network(name) for name in PROVIDERS}
        without = [(name, words) for name, words in names.items() if name not in connected]
        self.fields["provider"].widget.choices = [
            *((name, words) for name, words in names.items() if name in connected),
            *([("No account", without)] if without else []),
        ]

    def clean_amount_min(self) -> str | None:
        return _amount(self.cleaned_data["amount_min"])

    def clean_amount_max(self) -> str | None:
        return _amount(self.cleaned_data["amount_max"])

    def row(self) -> dict[str, Any]:
        data = self.cleaned_data
        return data | {"priority": _whole(data["priority"]), "share": _whole(data["share"])}

    def main_fields(self) -> list[forms.BoundField]:
        return [field for field in self if field.name != "is_enabled"]


class NoteForm(forms.Form):
    note = forms.CharField(
        label="Why",
        max_length=300,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text="One sentence for whoever looks at the history later.",
    )


class PlanForm:
    """All rows, the note, and the version that the editor saw (0 for none)."""

    def __init__(
        self,
        rows: Sequence[Mapping[str, Any]],
        *,
        based_on: int,
        routes: frozenset[Route],
        note: str = "",
        is_sent: bool = False,
    ) -> None:
        self.based_on = based_on
        self.head = NoteForm({"note": note}) if is_sent else NoteForm(initial={"note": note})
        self.rules = list[RuleForm]()
        for number, row in enumerate(rows):
            prefix = f"rule-{number}"
            values = {"data": _prefixed(row, prefix)} if is_sent else {"initial": row}
            self.rules.append(RuleForm(prefix=prefix, routes=routes, **values))

    @property
    def can_add(self) -> bool:
        """Whether one more row can still be sent: Django answers 400 to a form with too many fields."""
        sendable = (settings.DATA_UPLOAD_MAX_NUMBER_FIELDS - _OTHER_FIELDS) // len(RuleForm.base_fields)
        return len(self.rules) < min(MOST_RULES, sendable)

    @property
    def has_mistakes(self) -> bool:
        return any(form.errors for form in (self.head, *self.rules))

    def focus_on_last_rule(self) -> None:
        self.rules[-1].fields["network"].widget.attrs["autofocus"] = True

    def checked(self) -> tuple[Rule, ...] | None:
        """The rules; None when something is wrong, which is then said where it is."""
        is_head_right, are_rules_right = self.head.is_valid(), all(form.is_valid() for form in self.rules)
        if not are_rules_right:
            return None
        try:
            rules = read_rules([form.row() for form in self.rules])
        except InvalidRules as invalid:
            self._blame(invalid)
            return None
        return rules if is_head_right else None

    def _blame(self, invalid: InvalidRules) -> None:
        for mistake in invalid.mistakes:
            found = _MISTAKE.match(mistake)
            form = self.rules[int(found[1]) - 1] if found else self.head
            form.add_error(None, mistake)


def new_row() -> dict[str, Any]:
    first = next(iter(PROVIDERS))
    return {
        "network": first, "operation": str(ROUTED[0]), "provider": first, "priority": 1, "share": 100,
        "is_enabled": True,
    }  # fmt: skip


def rows_of(rules: Iterable[Rule]) -> list[dict[str, Any]]:
    return [rule.as_json() for rule in rules]


def sent_rows(data: QueryDict) -> list[dict[str, Any]]:
    """The rows of a form that was sent, in order; at most one more than there may be, so that too many are noticed."""
    numbers = sorted(int(found[1]) for name in data if (found := _ROW.fullmatch(name)))[: MOST_RULES + 1]
    fields = [name for name in RuleForm.base_fields if name != "is_enabled"]
    return [
        {name: data.get(f"rule-{number}-{name}", "") for name in fields}
        | {"is_enabled": f"rule-{number}-is_enabled" in data}
        for number in numbers
    ]


def _prefixed(row: Mapping[str, Any], prefix: str) -> dict[str, Any]:
    return {f"{prefix}-{name}": "" if value is None else value for name, value in row.items()}


def _amount(text: str) -> str | None:
    # Limits have two decimals, whatever the currency: all that we know of have.
    return read_money(text, "ZMW").text() if text else None


def _whole(text: str) -> int | str:
    return int(text) if text.isascii() and text.isdigit() else text
