"""API keys of one mode, as the Developers page shows them: never the key, never its hash."""

from dataclasses import dataclass
from datetime import datetime

from payments.models import ApiKey

LIST_CAP = 500  # a merchant with more keys than this has another problem; the page stays bounded


@dataclass(frozen=True, slots=True)
class KeyRow:
    id: str
    name: str
    prefix: str
    last4: str
    scopes: tuple[str, ...]
    allowed_ips: tuple[str, ...]
    created_by: str
    created_at: datetime
    last_used_at: datetime | None
    last_used_ip: str
    expires_at: datetime | None
    revoked_at: datetime | None
    revoked_by: str

    def state(self, *, now: datetime) -> str:
        """active, expired or revoked."""
        if self.revoked_at:
            return "revoked"
        if self.expires_at and self.expires_at <= now:
            return "expired"
        return "active"


def list_keys(*, livemode: bool) -> list[KeyRow]:
    """Newest first."""
    return [_to_row(key) for key in ApiKey.objects.filter(livemode=livemode).order_by("-id")[:LIST_CAP]]


def get_key(*, livemode: bool, key_id: str) -> KeyRow | None:
    key = ApiKey.objects.filter(livemode=livemode, id=key_id).first()
    return _to_row(key) if key else None


def _to_row(key: ApiKey) -> KeyRow:
    return KeyRow(
        id=key.id,
        name=key.name,
        prefix=key.prefix,
        last4=key.last4,
        scopes=tuple(key.scopes),
        allowed_ips=tuple(key.allowed_ips),
        created_by=key.created_by,
        created_at=key.created_at,
        last_used_at=key.last_used_at,
        last_used_ip=key.last_used_ip,
        expires_at=key.expires_at,
        revoked_at=key.revoked_at,
        revoked_by=key.revoked_by,
    )
