"""One HTTP request, and the record of how it went: redacted, bounded, and safe to store."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from providers import redaction
from providers.base import Exchange

MAX_RECORDED_CHARACTERS = 8 * 1024


@dataclass(frozen=True, slots=True, repr=False)
class Request:
    """`secrets` are values to keep out of the record wherever they turn up, in the answer too."""

    operation: str
    method: str
    url: str
    headers: Mapping[str, str]
    body: bytes | None = None
    secrets: tuple[str, ...] = ()


def record(
    request: Request,
    *,
    headers: Mapping[str, str],
    status: int | None,
    response_headers: Mapping[str, str],
    response_body: bytes,
    started_at: datetime,
    seconds: float,
    error: str,
) -> Exchange:
    """The exchange as people may see it; `headers` are those really sent, our own included."""
    return Exchange(
        operation=request.operation,
        method=request.method,
        url=_clean(redaction.redact_url(request.url), request),
        request_headers=_clean_headers(headers, request),
        request_body=_clean_body(request.body or b"", request),
        status=status,
        response_headers=_clean_headers(response_headers, request),
        response_body=_clean_body(response_body, request),
        started_at=started_at,
        duration_ms=round(seconds * 1000),
        error=error,
    )


def _clean_headers(headers: Mapping[str, str], request: Request) -> dict[str, str]:
    return {name: _clean(value, request) for name, value in redaction.redact_headers(headers).items()}


def _clean_body(body: bytes, request: Request) -> str:
    text = _clean(redaction.redact_body(body.decode("utf-8", "replace")), request)
    return text[:MAX_RECORDED_CHARACTERS]  # cut last: half a secret is still a leak


def _clean(text: str, request: Request) -> str:
    # PostgreSQL cannot store NUL: a record must never be what makes saving an answer fail.
    return redaction.mask_values(text, request.secrets).replace("\0", "\ufffd")
