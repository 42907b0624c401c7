"""Answers as the HTTP client hands them on, made by hand."""

import json
from datetime import UTC, datetime
from typing import Any

from providers.http import Answer
from providers.recording import Request, record

EXCHANGE = record(
    Request("test", "GET", "http://h/", {}), headers={}, status=None, response_headers={}, response_body=b"",
    started_at=datetime.now(UTC), seconds=0, error="",
)  # fmt: skip


def answer(
    status: int | None,
    body: Any = b"",
    *,
    sent: bool = True,
    error: str = "",
    retry_after: str = "",
    html: bool = False,
) -> Answer:
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    headers = {"retry-after": retry_after} if retry_after else {}
    if html:
        headers["content-type"] = "text/html; charset=utf-8"
    return Answer(status, headers, content, sent, error, EXCHANGE)
