"""API keys: `ndl_test_` or `ndl_live_`, the merchant's public id, 190 random bits, and a checksum.

A mistyped key fails its checksum without a query; a secret scanner can match
`ndl_(test|live)_[a-z0-9]{8}[0-9A-Za-z]{32}[0-9A-Za-z]{6}` and verify the last six characters offline.
"""

import hashlib
import ipaddress
import re
import secrets
import string
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.utils import timezone

from payments import audit, ids
from payments.errors import InvalidState, NotFound, Refusal
from payments.models import ApiKey
from tenants.current import current_tenant

SCOPES: dict[str, str] = {
    "payments:read": "Read payments",
    "payments:write": "Create, cancel and check payments",
    "payouts:read": "Read payouts",
    "payouts:write": "Pay out money, and cancel payouts that wait",
    "refunds:read": "Read refunds",
    "refunds:write": "Refund payments",
    "ledger:read": "Read balances and ledger entries",
    "events:read": "Read events of every kind, with the objects they are about",
}
_BASE62 = string.digits + string.ascii_uppercase + string.ascii_lowercase
_SHAPE = re.compile(r"ndl_(test|live)_([a-z0-9]{8})([0-9A-Za-z]{32})([0-9A-Za-z]{6})", re.ASCII)


@dataclass(frozen=True, slots=True)
class ParsedKey:
    """What a well-formed key says about itself; whether it is valid, only its hash tells."""

    livemode: bool
    merchant: str
    sha256: str


def parse_key(text: str) -> ParsedKey | None:
    """Take a key apart, or None when its shape or checksum is wrong."""
    match = _SHAPE.fullmatch(text)
    if match is None or not secrets.compare_digest(checksum(text[:-6]), match[4]):
        return None
    return ParsedKey(livemode=match[1] == "live", merchant=match[2], sha256=_sha256(text))


def issue_key(
    *,
    livemode: bool,
    name: str,
    actor: str,
    scopes: Sequence[str] = tuple(SCOPES),
    allowed_ips: Sequence[str] = (),
    expires_at: datetime | None = None,
    ip: str = "",
    request_id: str = "",
) -> tuple[ApiKey, str]:
    """A new key of the current merchant, and its text, which is never to be had again. Raises Refusal."""
    _check(scopes, allowed_ips, expires_at)
    text = _new_text(livemode=livemode, merchant=current_tenant().public_id)
    with transaction.atomic():
        key = ApiKey.objects.create(
            id=ids.key_id(),
            livemode=livemode,
            name=name.strip()[:80] or "Unnamed key",
            prefix=text[: len("ndl_test_") + 8],
            last4=text[-4:],
            sha256=_sha256(text),
            scopes=sorted(scopes),
            allowed_ips=list(allowed_ips),
            created_by=actor,
            expires_at=expires_at,
        )
        audit.record(
            actor=actor, action="key.created", target=key.id, livemode=livemode, ip=ip, request_id=request_id,
            after={"name": key.name, "scopes": key.scopes, "allowed_ips": key.allowed_ips, "last4": key.last4},
        )  # fmt: skip
    return key, text


def revoke_key(*, key_id: str, livemode: bool, actor: str, ip: str = "", request_id: str = "") -> ApiKey:
    """End a key; every process stops accepting it within a second. Raises NotFound, InvalidState."""
    with transaction.atomic():
        key = ApiKey.objects.select_for_update().filter(pk=key_id, livemode=livemode).first()
        if key is None:
            raise NotFound(f"There is no key {key_id}.")
        if key.revoked_at:
            raise InvalidState(f"The key {key.name} was revoked before.")
        key.revoked_at, key.revoked_by = timezone.now(), actor
        key.save(update_fields=["revoked_at", "revoked_by"])
        audit.record(
            actor=actor, action="key.revoked", target=key.id, livemode=livemode, ip=ip, request_id=request_id,
            before={"name": key.name, "last4": key.last4},
        )  # fmt: skip
    return key


def checksum(text: str) -> str:
    """CRC-32 of the text in six base-62 digits."""
    number, digits = zlib.crc32(text.encode()), ""
    for _ in range(6):
        number, remainder = divmod(number, 62)
        digits = _BASE62[remainder] + digits
    return digits


def _new_text(*, livemode: bool, merchant: str) -> str:
    secret = "".join(secrets.choice(_BASE62) for _ in range(32))
    body = f"ndl_{'live' if livemode else 'test'}_{merchant}{secret}"
    return body + checksum(body)


def _sha256(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def _check(scopes: Sequence[str], allowed_ips: Sequence[str], expires_at: datetime | None) -> None:
    if not scopes or set(scopes) - SCOPES.keys():
        raise Refusal(f"Choose scopes from {', '.join(SCOPES)}.")
    if expires_at is not None and expires_at <= timezone.now():
        raise Refusal("The expiry must lie in the future.")
    for network in allowed_ips:
        try:
            ipaddress.ip_network(network)
        except ValueError as error:
            raise Refusal(f"{network} is not an address range such as 203.0.113.0/24.") from error
