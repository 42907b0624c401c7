"""The tables of one merchant. No foreign key leaves the schema; people and keys are recorded as text."""

from payments.models.access import ApiKey, IdempotencyKey, ProviderAccount
from payments.models.ledger import FeeRule, LedgerEntry
from payments.models.payment import Exchange, Payment, Transaction
from payments.models.records import AuditEntry, Callback, Event
from payments.models.resolution import Resolution
from payments.models.routing import RoutingPlan
from payments.models.statement import (
    SavedLayout,
    Statement,
    StatementException,
    StatementItem,
    StatementLine,
    StatementLink,
)

__all__ = [
    "ApiKey",
    "AuditEntry",
    "Callback",
    "Event",
    "Exchange",
    "FeeRule",
    "IdempotencyKey",
    "LedgerEntry",
    "Payment",
    "ProviderAccount",
    "Resolution",
    "RoutingPlan",
    "SavedLayout",
    "Statement",
    "StatementException",
    "StatementItem",
    "StatementLine",
    "StatementLink",
    "Transaction",
]
