"""Reading a requesttopay as strictly as MTN's gateway does."""

import re
import time
from typing import Any
from urllib.parse import urlsplit

from providers.simulator import scenarios
from providers.simulator.accounts import ApiUser
from providers.simulator.books import Payment
from providers.simulator.faults import Switches
from providers.simulator.messages import Refusal, Request, api_error

MAX_NOTE = 160
FORBIDDEN_IN_NOTES = frozenset("&'")
PARTY_TYPES = ("MSISDN", "EMAIL", "PARTY_CODE")
_AMOUNT = re.compile(r"[0-9]{1,12}(\.[0-9]{1,2})?")
_MSISDN = re.compile(r"[0-9]{8,15}")


def read_collection(request: Request, user: ApiUser, currency: str, switches: Switches) -> Payment:
    """The payment that a valid request asks for; raises the Refusal that an invalid one gets."""
    body = request.json_object()
    if body is None:
        raise _bad("The body is not a JSON object.")
    party_type, phone = _payer(body)
    amount = body.get("amount")
    if not isinstance(amount, str) or not _AMOUNT.fullmatch(amount) or float(amount) == 0:
        raise _bad("amount is not a positive decimal string.")
    if body.get("currency") != currency:
        raise Refusal(api_error(500, "INVALID_CURRENCY", "Currency not supported."))
    callback_url = _callback_url(request, user)
    if code := scenarios.refusal_on_post(phone, switches):
        raise Refusal(api_error(500, code))
    plan, now = scenarios.plan_collection(phone, switches), time.time()
    return Payment(
        reference=request.headers["x-reference-id"],
        api_user=user.api_user,
        phone=phone,
        party_type=party_type,
        amount=amount,
        currency=currency,
        external_id=_text(body, "externalId"),
        payer_message=_note(body, "payerMessage"),
        payee_note=_note(body, "payeeNote"),
        callback_url=callback_url,
        accepted_at=now,
        plan_status=plan.status,
        plan_reason=plan.reason,
        settle_at=None if plan.seconds is None else now + plan.seconds,
    )


def _payer(body: dict[str, Any]) -> tuple[str, str]:
    payer = body.get("payer")
    if not isinstance(payer, dict) or payer.get("partyIdType") not in PARTY_TYPES:
        raise _bad("payer is missing or of an unknown type.")
    party = payer.get("partyId")
    if not isinstance(party, str) or not party:
        raise _bad("payer.partyId is missing.")
    if payer["partyIdType"] == "MSISDN" and not _MSISDN.fullmatch(party):
        raise _bad("payer.partyId is not an MSISDN.")
    return payer["partyIdType"], party


def _callback_url(request: Request, user: ApiUser) -> str:
    """An empty header is an error, a missing one is not; the host must be the registered one, if any is."""
    url = request.headers.get("x-callback-url")
    if url is None:
        return ""
    parts = urlsplit(url)
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        raise _bad("X-Callback-Url is not a URL.")
    if user.callback_host and user.callback_host not in {parts.hostname, parts.netloc}:
        raise Refusal(api_error(500, "INVALID_CALLBACK_URL_HOST", "Callback URL with different host name."))
    return url


def _note(body: dict[str, Any], name: str) -> str:
    text = _text(body, name)
    if len(text) > MAX_NOTE or FORBIDDEN_IN_NOTES & set(text):
        raise _bad(f"{name} is too long or has characters that are not allowed.")
    return text


def _text(body: dict[str, Any], name: str) -> str:
    value = body.get(name, "")
    if not isinstance(value, str):
        raise _bad(f"{name} is not a string.")
    return value


def _bad(message: str) -> Refusal:
    return Refusal(api_error(400, "BAD_REQUEST", message))
