"""Tells the merchant that a provider account went down or came back: an event and an audit entry."""

from typing import Any

from payments import audit
from payments.models import Event
from payments.representation import timestamp
from tenants.models import Circuit


def tell(circuit: Circuit, happened: str, actor: str, reason: str, *, ip: str = "", request_id: str = "") -> None:
    """`happened`: provider.down or provider.recovered. Inside the transaction that changed the circuit."""
    shown = represent_circuit(circuit)
    audit.record(
        actor=actor, action=happened, target=circuit.account_id, livemode=circuit.livemode, reason=reason, after=shown,
        ip=ip, request_id=request_id,
    )  # fmt: skip
    Event.objects.create(
        livemode=circuit.livemode,
        type=happened,
        object_id=f"{circuit.account_id}:{circuit.operation}",
        object_version=circuit.changes,
        status=happened.partition(".")[2],
        reason=reason[:300],
        actor=actor,
        data={"object": shown},
    )


def represent_circuit(circuit: Circuit) -> dict[str, Any]:
    """One operation of one provider account, ready for JSON."""
    return {
        "object": "provider_operation",
        "livemode": circuit.livemode,
        "provider": circuit.provider,
        "account": circuit.account_id,
        "operation": circuit.operation,
        "state": "down" if circuit.is_blocked else "operational",
        "since": timestamp(circuit.opened_at) if circuit.is_blocked and circuit.opened_at else None,
    }
