"""Every error the API answers: one table of codes, and problem+json (RFC 9457) made from it."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import orjson
from django.conf import settings
from django.http import HttpRequest, HttpResponse

from payments.errors import DuplicateReference, KeyReused, Refusal

MEDIA_TYPE = "application/problem+json"


# Whether the same request may be sent again: what `retry` of a code stands for.
RETRY_WORDS = {
    "corrected": "It does no harm and is refused again: nothing was changed. Send it once the cause is gone.",
    "waited": "Yes, unchanged, after as long as `Retry-After` says: nothing was changed.",
    "same_key": "Yes, with the same `Idempotency-Key`: it can take effect only once.",
}


@dataclass(frozen=True, slots=True)
class Code:
    """What a code means wherever it appears. `advice` is what the caller should do about it.

    who_acts: merchant, provider or us; retry: one of RETRY_WORDS.
    """

    status: int
    title: str
    meaning: str
    advice: str
    who_acts: str = "merchant"
    retry: str = "corrected"


CODES: dict[str, Code] = {
    "invalid_api_key": Code(
        401,
        "The API key is not valid",
        "No key was sent, it is mistyped, or it was revoked or has expired.",
        "Send Authorization: Bearer and a key that the dashboard lists as active.",
    ),
    "invalid_callback_address": Code(
        401,
        "This callback address was not made by us",
        "A provider's message came to an address without our signature.",
        "Providers: use the callback URL exactly as it was handed over with the request.",
        who_acts="provider",
    ),
    "insufficient_scope": Code(
        403,
        "The key may not do this",
        "The key is valid, but it was made without the scope that this call needs; `detail` names it.",
        "Make a new key with that scope: those of a key never change. Or use another key.",
    ),
    "ip_not_allowed": Code(
        403,
        "The key may not be used from this address",
        "The key has a list of addresses it may be used from, and the caller's is not on it.",
        "Call from an allowed address, or make a key that allows this one.",
    ),
    "merchant_suspended": Code(
        403,
        "The merchant is suspended",
        "The platform has suspended the merchant; no API call is served until it is resumed.",
        "Write to support. What was accepted before is still being finished.",
        who_acts="us",
    ),
    "not_found": Code(
        404,
        "Not found",
        "There is no such object in this merchant and mode, or no such address in the API.",
        "Check the id, and whether it was made with a key of the same mode.",
    ),
    "method_not_allowed": Code(
        405,
        "This address does not take that method",
        "The address exists; the Allow header lists what it takes.",
        "Use one of the methods in the Allow header.",
    ),
    "idempotency_key_missing": Code(
        400,
        "An Idempotency-Key is required",
        "Every POST that moves money needs one, so that a retry can never move it twice.",
        "Send a fresh key per purchase, and the same key again on every retry of it.",
    ),
    "idempotency_key_invalid": Code(
        400,
        "The Idempotency-Key cannot be used",
        "A key is 1 to 255 printable ASCII characters, bare or in double quotes.",
        "Use a UUID, or your own order number.",
    ),
    "idempotency_key_reused": Code(
        422,
        "The Idempotency-Key belongs to another request",
        "The key was used before with a different body. `fields` names what differs.",
        "Use a new key for a new purchase; retry an old one with the body it had.",
    ),
    "idempotency_in_progress": Code(
        409,
        "Another request is still being answered",
        "The first request with this key has no answer yet, or another one is at work on the same payment or "
        "reference. `detail` says which. This one did nothing.",
        "Wait as long as Retry-After says, then send the same request again, with the same key.",
        retry="waited",
    ),
    "invalid_json": Code(
        400,
        "The body is not a JSON object",
        "It is not UTF-8 JSON, not an object, or names a field twice.",
        "Send one JSON object, each field once.",
    ),
    "body_too_large": Code(
        413,
        "The body is too large",
        "A body may have at most 64 KiB.",
        "Send less; metadata is for references, not for documents.",
    ),
    "unsupported_media_type": Code(
        415,
        "The body must be application/json",
        "The Content-Type is missing or another one.",
        "Send Content-Type: application/json with every body.",
    ),
    "validation_failed": Code(
        422,
        "Some fields are not valid",
        "`errors` names each field and what is wrong with it. For a query string the status is 400 instead.",
        "Correct the named fields and send the request again; the same Idempotency-Key may be used.",
    ),
    "duplicate_reference": Code(
        409,
        "The reference is taken",
        "Another payment of this mode has the reference. `existing_id` is that payment.",
        "If it is the same purchase, carry on with the existing payment; else choose another reference.",
    ),
    "invalid_state": Code(
        409,
        "Not possible in this state",
        "The object is past the point at which this can be done.",
        "Read the object again to see where it stands.",
    ),
    "rate_limited": Code(
        429,
        "Too many requests",
        "The limit of this merchant and mode, or of this address, is used up for now.",
        "Wait as long as Retry-After says. The RateLimit header of every answer shows what is left.",
        retry="waited",
    ),
    "provider_unavailable": Code(
        503,
        "The network is not available",
        "The network does not take requests at the moment. Nothing was created.",
        "Wait as long as Retry-After says and try again; the same Idempotency-Key may be used.",
        who_acts="provider",
        retry="waited",
    ),
    "no_route": Code(
        422,
        "No network for this payment",
        "The number belongs to no wallet network that is connected in this mode.",
        "Use another number, name a `provider` that is connected, or have the platform connect the network for you.",
    ),
    "internal": Code(
        500,
        "Something went wrong on our side",
        "An error of ours. Whether the request took effect is not known.",
        "Retry with the same Idempotency-Key: it can take effect only once. Quote the request_id to support.",
        who_acts="us",
        retry="same_key",
    ),
}


@dataclass(frozen=True, slots=True)
class FieldError:
    """One field that is not valid. code: required, unknown_field, invalid_type, invalid, too_long, not_supported."""

    field: str
    code: str
    message: str


class Problem(Exception):
    """Raised by the door itself; verbs raise payments.errors.Refusal."""

    def __init__(
        self,
        code: str,
        detail: str,
        *,
        status: int | None = None,
        errors: Sequence[FieldError] = (),
        headers: Mapping[str, str] | None = None,
        extra: Mapping[str, Any] | None = None,
    ) -> None:
        super().__init__(detail)
        self.code, self.detail = code, detail
        self.status = status or CODES[code].status
        self.errors, self.headers, self.extra = errors, headers or {}, extra or {}


def problem_of(refusal: Refusal) -> Problem:
    """The answer to what a verb refused."""
    extra: dict[str, Any] = {}
    headers = {}
    if isinstance(refusal, DuplicateReference):
        extra["existing_id"] = refusal.existing_id
    if isinstance(refusal, KeyReused):
        extra["fields"] = refusal.fields
    if seconds := getattr(refusal, "retry_after_seconds", None):
        headers["Retry-After"] = str(seconds)
    return Problem(refusal.code, refusal.detail, headers=headers, extra=extra)


def problem_response(request: HttpRequest, problem: Problem) -> HttpResponse:
    return HttpResponse(
        orjson.dumps(represent(problem, request_id=getattr(request, "request_id", ""))),
        status=problem.status,
        content_type=MEDIA_TYPE,
        headers=dict(problem.headers),
    )


def represent(problem: Problem, *, request_id: str) -> dict[str, Any]:
    body: dict[str, Any] = {
        "type": page_url(problem.code),
        "title": CODES[problem.code].title,
        "status": problem.status,
        "detail": problem.detail,
        "code": problem.code,
        "request_id": request_id,
        **problem.extra,
    }
    if problem.errors:
        body["errors"] = [asdict(error) for error in problem.errors]
    return body


def page_url(code: str) -> str:
    return f"{settings.PUBLIC_URL}/docs/errors/{code}"
