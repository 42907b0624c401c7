"""Reading a requesttopay, a transfer or a refund as strictly as MTN's gateway does."""

import re
from urllib.parse import urlsplit

from providers.simulator.books import Payment
from providers.simulator.messages import Refusal, Request
from providers.simulator.mtn import scenarios
from providers.simulator.mtn.accounts import ApiUser
from providers.simulator.mtn.messages import NOT_FOUND, api_error
from providers.simulator.switches import Switches

MAX_NOTE = 160
FORBIDDEN_IN_NOTES = frozenset("&'")
PARTY_TYPES = ("MSISDN", "EMAIL", "PARTY_CODE")
_AMOUNT = re.compile(r"[0-9]{1,12}(\.[0-9]{1,2})?")
_MSISDN = re.compile(r"[0-9]{8,15}")


class OrderReader:
    """The orders of one user under one set of switches; `now` is seconds since the epoch."""

    def __init__(self, request: Request, user: ApiUser, currency: str, switches: Switches, now: float) -> None:
        body = request.json_object()
        if body is None:
            raise bad("The body is not a JSON object.")
        self.body = body
        self._request, self._user, self._currency, self._switches, self._now = request, user, currency, switches, now

    def collection(self) -> Payment:
        """The payment that a valid request asks for; raises the Refusal that an invalid one gets."""
        party_type, phone = self._party("payer")
        return self._payment("collection", party_type, phone)

    def transfer(self) -> Payment:
        party_type, phone = self._party("payee")
        return self._payment("transfer", party_type, phone)

    def refund(self, original: Payment | None) -> Payment:
        """Back to whoever paid the original. None: raw callers name one of MTN's scenarios instead."""
        reference = self.original_reference()
        if original is None:
            if reference not in scenarios.REFUNDS or reference == "1":
                raise Refusal(api_error(404, "RESOURCE_NOT_FOUND", NOT_FOUND))
            return self._payment("refund", "MSISDN", "", original=reference)
        payment = self._payment("refund", original.party_type, original.phone, original=reference)
        payment.refund_limited = self._switches["refuse_over_refunds"]
        if original.status != "SUCCESSFUL":
            payment.plan_status, payment.plan_reason = "FAILED", "NOT_ALLOWED"
        return payment

    def original_reference(self) -> str:
        reference = self.body.get("referenceIdToRefund")
        if not isinstance(reference, str) or not reference:
            raise bad("referenceIdToRefund is missing.")
        return reference

    def _payment(self, kind: str, party_type: str, phone: str, *, original: str = "") -> Payment:
        amount, limit = self.body.get("amount"), self._switches["float"]
        if not isinstance(amount, str) or not _AMOUNT.fullmatch(amount) or float(amount) == 0:
            raise bad("amount is not a positive decimal string.")
        if self.body.get("currency") != self._currency:
            raise Refusal(api_error(500, "INVALID_CURRENCY", "Currency not supported."))
        callback_url = self._callback_url()
        if code := scenarios.refusal_on_post(kind, phone, self._switches):
            raise Refusal(api_error(500, code))
        plan = scenarios.plan(kind, phone, self._switches, original=original)
        return Payment(
            reference=self._request.headers["x-reference-id"],
            api_user=self._user.api_user,
            phone=phone,
            party_type=party_type,
            amount=amount,
            currency=self._currency,
            external_id=self._text("externalId"),
            payer_message=self._note("payerMessage"),
            payee_note=self._note("payeeNote"),
            callback_url=callback_url,
            accepted_at=self._now,
            plan_status=plan.status,
            plan_reason=plan.reason,
            settle_at=None if plan.seconds is None else self._now + plan.seconds,
            kind=kind,
            original_reference=original,
            float_limit="" if kind == "collection" or limit is None else str(limit),
        )

    def _party(self, name: str) -> tuple[str, str]:
        party = self.body.get(name)
        if not isinstance(party, dict) or party.get("partyIdType") not in PARTY_TYPES:
            raise bad(f"{name} is missing or of an unknown type.")
        number = party.get("partyId")
        if not isinstance(number, str) or not number:
            raise bad(f"{name}.partyId is missing.")
        if party["partyIdType"] == "MSISDN" and not _MSISDN.fullmatch(number):
            raise bad(f"{name}.partyId is not an MSISDN.")
        return party["partyIdType"], number

    def _callback_url(self) -> str:
        """An empty header is an error, a missing one is not; the host must be the registered one, if any is."""
        url = self._request.headers.get("x-callback-url")
        if url is None:
            return ""
        parts = urlsplit(url)
        if parts.scheme not in {"http", "https"} or not parts.hostname:
            raise bad("X-Callback-Url is not a URL.")
        if self._user.callback_host and self._user.callback_host not in {parts.hostname, parts.netloc}:
            raise Refusal(api_error(500, "INVALID_CALLBACK_URL_HOST", "Callback URL with different host name."))
        return url

    def _note(self, name: str) -> str:
        text = self._text(name)
        if len(text) > MAX_NOTE or FORBIDDEN_IN_NOTES & set(text):
            raise bad(f"{name} is too long or has characters that are not allowed.")
        return text

    def _text(self, name: str) -> str:
        value = self.body.get(name, "")
        if not isinstance(value, str):
            raise bad(f"{name} is not a string.")
        return value


def bad(message: str) -> Refusal:
    return Refusal(api_error(400, "BAD_REQUEST", message))
