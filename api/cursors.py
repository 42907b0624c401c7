"""Where the next page of a list begins: opaque to callers, signed, and good for one list of one merchant and mode."""

import base64
import binascii
from typing import Any

from django.core.signing import BadSignature, Signer

from api.access import Access
from api.problems import FieldError, Problem
from payments.selectors.keyset import Page


def make_cursor(access: Access, listed: str, last_key: str) -> str:
    """`listed`: which list it leads on in. `last_key`: of the last object on the page."""
    return base64.urlsafe_b64encode(_signer(access, listed).sign(last_key).encode()).decode().rstrip("=")


def read_cursor(access: Access, listed: str, cursor: str | None) -> str:
    """The key of the last object on the page before; "" for the first page. Raises Problem."""
    if not cursor:
        return ""
    try:
        text = base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)).decode()
        return _signer(access, listed).unsign(text)
    except (BadSignature, binascii.Error, ValueError) as error:
        message = "is not a next_cursor of this list, merchant and mode"
        errors = [FieldError("cursor", "invalid", message)]
        raise Problem("validation_failed", f"The cursor {message}.", status=400, errors=errors) from error


def page_answer(access: Access, listed: str, page: Page[dict[str, Any]]) -> dict[str, Any]:
    """A page in the shape of all lists."""
    return {
        "object": "list",
        "data": page.rows,
        "has_more": page.has_more,
        "next_cursor": make_cursor(access, listed, page.next_cursor) if page.has_more else None,
    }


def _signer(access: Access, listed: str) -> Signer:
    return Signer(salt=f"api.cursor:{access.public_id}:{access.livemode}:{listed}")
