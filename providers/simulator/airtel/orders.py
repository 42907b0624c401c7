"""Reading a collection or a payout as strictly as Airtel does."""

import json
import re
from collections.abc import Mapping
from decimal import Decimal, InvalidOperation
from typing import Any

from providers.simulator.airtel import messages
from providers.simulator.airtel.access import COUNTRY, CURRENCY
from providers.simulator.airtel.clients import Client
from providers.simulator.airtel.codes import BY_KIND
from providers.simulator.airtel.scenarios import Scenario, scenario
from providers.simulator.books import Payment
from providers.simulator.messages import Refusal, Request
from providers.simulator.switches import Switches

_NUMBER = re.compile(r"[579][5-8][0-9]{7}")
_STRICT_ID = re.compile(r"[A-Za-z0-9]{1,24}")
_LONGEST_ID = 64
_PENCE = Decimal("0.01")


class OrderReader:
    """One order's body under one set of switches; raises the Refusal that an invalid one gets."""

    def __init__(self, kind: str, request: Request, client: Client, switches: Switches) -> None:
        self.kind, self._client, self._switches = kind, client, switches
        self._party_name = "subscriber" if kind == "collection" else "payee"
        self.body = self._object(request.body)

    def payment(self, now: float) -> Payment:
        """now: seconds since the epoch."""
        party, transaction = self._part(self._party_name), self._part("transaction")
        for part in (party, transaction):
            self._check_money_of_the_country(part)
        reference, text = self._id(transaction.get("id")), self._id(self.body.get("reference"))
        phone, amount = self._phone(party.get("msisdn")), self._amount(transaction.get("amount"))
        planned = scenario(self.kind, phone)
        limit, seconds = self._switches["float"], self._seconds(planned)
        return Payment(
            network="airtel",
            reference=reference,
            api_user=self._client.client_id,
            phone=phone,
            party_type="MSISDN",
            amount=f"{amount:.2f}",
            currency=CURRENCY,
            external_id=text,
            payer_message="",
            payee_note="",
            callback_url=self._client.callback_url if self.kind == "collection" else "",
            accepted_at=now,
            plan_status=planned.status,
            plan_reason=planned.reason,
            settle_at=None if seconds is None else now + seconds,
            kind=self.kind,
            float_limit="" if self.kind == "collection" or limit is None else str(limit),
        )

    def refused(self, code: str, message: str, *, http: int = 400) -> Refusal:
        return Refusal(messages.failure(code, message, self._switches, http=http))

    def something_went_wrong(self) -> Refusal:
        """What production says to whatever it does not like."""
        return self.refused(self._generic(), "Something Went Wrong", http=500)

    def not_a_customer(self) -> Refusal:
        return self.refused(self._generic(), "Msisdn Not Found")

    def _generic(self) -> str:
        return BY_KIND[self.kind]["UNSPECIFIED"][0]

    def _seconds(self, planned: Scenario) -> float | None:
        """A payout is carried out while its caller waits, unless something holds it up."""
        seconds: float | None = self._switches[planned.timing] if planned.timing else None
        is_at_once = self.kind == "transfer" and planned.timing == "approve_seconds" and seconds is not None
        return 0.0 if is_at_once else seconds

    def _object(self, body: bytes) -> dict[str, Any]:
        try:
            value = json.loads(body, parse_float=Decimal, parse_constant=_no_number)
        except ValueError:
            value = None
        if not isinstance(value, dict):
            raise self.refused("ROUTER003", "Mandatory body is missing")
        return value

    def _part(self, name: str) -> Mapping[str, Any]:
        part = self.body.get(name)
        if not isinstance(part, dict):
            raise self.refused("ROUTER003", f"Mandatory field {name} is missing")
        return part

    def _check_money_of_the_country(self, part: Mapping[str, Any]) -> None:
        if part.get("country", COUNTRY) != COUNTRY:
            raise self.refused("ESB000034", "Country is not configured")
        if part.get("currency", CURRENCY) != CURRENCY:
            raise self.refused("ESB000035", "Currency is not configured")

    def _id(self, value: Any) -> str:
        """Production takes 24 letters and digits at most, whatever the documentation says."""
        if not isinstance(value, str) or not value:
            raise self.refused("ROUTER003", "Mandatory field is missing")
        if len(value) > _LONGEST_ID or (self._switches["production_strictness"] and not _STRICT_ID.fullmatch(value)):
            raise self.something_went_wrong()
        return value

    def _phone(self, value: Any) -> str:
        """Nine digits on the wire, twelve in the books."""
        number = str(value) if isinstance(value, str | int) else ""
        if len(number) != 9:
            raise self.refused("ESB000033", "Invalid MSISDN Length. MSISDN Length should be 9")
        if not _NUMBER.fullmatch(number):
            raise self.not_a_customer()
        return f"260{number}"

    def _amount(self, value: Any) -> Decimal:
        """A JSON number, or the same as text."""
        try:
            amount = Decimal(value) if isinstance(value, str | int | Decimal) and not isinstance(value, bool) else None
        except InvalidOperation:
            amount = None
        if amount is None or not amount.is_finite() or amount <= 0 or amount != amount.quantize(_PENCE):
            raise self.refused(BY_KIND[self.kind]["AMOUNT_OUT_OF_RANGE"][0], "Invalid Amount")
        return amount


def _no_number(word: str) -> None:
    raise ValueError(f"{word} is not JSON")
