"""Repeats of money-moving requests: found by key, compared by body, answered from what was stored."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import orjson
from django.db.models.functions import Now

from payments.errors import KeyReused
from payments.models import IdempotencyKey
from tenants.jobs import Claim
from tenants.prepared import fetch_one

KEPT = timedelta(days=30)


@dataclass(frozen=True, slots=True)
class Answer:
    """What a money-moving POST is answered. `body` is the JSON text, byte for byte the same on every replay."""

    status: int
    body: str
    object_id: str
    is_replay: bool


def replay(*, schema: str, livemode: bool, route: str, key: str, request: dict[str, Any]) -> Answer | None:
    """The stored answer, or None when the key is free. Raises KeyReused when the body is another one."""
    row = fetch_one(
        f"""SELECT request, response_status, response_body, object_id FROM "{schema}".payments_idempotencykey
             WHERE livemode = %(livemode)s AND route = %(route)s AND key = %(key)s""",  # noqa: S608 (schema is ours)
        {"livemode": livemode, "route": route, "key": key},
    )
    if row is None:
        return None
    stored = orjson.loads(row[0])
    if differing := differing_fields(stored, request):
        raise KeyReused(
            f"This Idempotency-Key was used for another request; it differs in {', '.join(differing)}. "
            "Use one key per purchase, and the same key on every retry of it.",
            differing,
        )
    return Answer(status=row[1], body=row[2], object_id=row[3], is_replay=True)


def differing_fields(stored: dict[str, Any], offered: dict[str, Any]) -> list[str]:
    """Top-level fields in which two bodies differ, sorted."""
    absent = object()
    return sorted(
        name for name in stored.keys() | offered.keys() if stored.get(name, absent) != offered.get(name, absent)
    )


def purge(_job: Claim) -> None:
    """Job handler: forget keys that are older than we promise to keep them; references still prevent doubles."""
    IdempotencyKey.objects.filter(created_at__lt=Now() - KEPT).delete()
