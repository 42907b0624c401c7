"""Where the next page of a list begins: opaque to callers, signed, and good for one merchant and mode only."""

import base64
import binascii

from django.core.signing import BadSignature, Signer

from api.access import Access
from api.problems import FieldError, Problem


def make_cursor(access: Access, last_id: str) -> str:
    return base64.urlsafe_b64encode(_signer(access).sign(last_id).encode()).decode().rstrip("=")


def read_cursor(access: Access, cursor: str) -> str:
    """The id of the last object on the page before. Raises Problem."""
    try:
        text = base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)).decode()
        return _signer(access).unsign(text)
    except (BadSignature, binascii.Error, ValueError) as error:
        message = "is not a next_cursor of this list, merchant and mode"
        errors = [FieldError("cursor", "invalid", message)]
        raise Problem("validation_failed", f"The cursor {message}.", status=400, errors=errors) from error


def _signer(access: Access) -> Signer:
    return Signer(salt=f"api.cursor:{access.public_id}:{access.livemode}")
