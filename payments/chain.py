"""The hash chain over the audit trail: what is hashed, and how to check it. Pure functions."""

import hashlib
import json
from typing import Any

from payments.models import AuditEntry
from payments.representation import timestamp

GENESIS = "0" * 64


def canonical(entry: AuditEntry) -> bytes:
    """The attested fields as canonical JSON: sorted keys, no spaces, UTF-8."""
    fields: dict[str, Any] = {
        "sequence": entry.sequence,
        "livemode": entry.livemode,
        "actor": entry.actor,
        "action": entry.action,
        "target": entry.target,
        "result": entry.result,
        "reason": entry.reason,
        "ip": entry.ip,
        "request_id": entry.request_id,
        "before": entry.before,
        "after": entry.after,
        "created_at": timestamp(entry.created_at),
    }
    return json.dumps(fields, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()


def link(prev_hash: str, entry: AuditEntry) -> str:
    """The entry's hash: SHA-256 over a leaf mark, the hash before it and the entry itself."""
    return hashlib.sha256(b"\x00" + bytes.fromhex(prev_hash) + canonical(entry)).hexdigest()


def first_break(entries: Any) -> tuple[int, str] | None:
    """The position of the first entry that does not fit and why, or None. `entries` come in order of sequence."""
    expected_sequence, prev_hash = 1, GENESIS
    for entry in entries:
        if entry.sequence != expected_sequence:
            return entry.position, f"sequence {entry.sequence} stands where {expected_sequence} should"
        if entry.prev_hash != prev_hash:
            return entry.position, "it does not follow the entry before it"
        if entry.hash != link(prev_hash, entry):
            return entry.position, "its contents were changed after it was sealed"
        expected_sequence, prev_hash = expected_sequence + 1, entry.hash
    return None
