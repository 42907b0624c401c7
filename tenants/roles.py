"""Who may do what inside one merchant: pure data, asked by portal and API alike."""

from enum import StrEnum


class Role(StrEnum):
    OWNER = "owner"
    ADMIN = "admin"
    DEVELOPER = "developer"
    OPERATOR = "operator"
    VIEWER = "viewer"


_EVERYONE = frozenset(Role)
_STAFF = frozenset({Role.OWNER, Role.ADMIN, Role.OPERATOR})
_TECHNICAL = frozenset({Role.OWNER, Role.ADMIN, Role.DEVELOPER})
_IN_CHARGE = frozenset({Role.OWNER, Role.ADMIN})

PERMISSIONS: dict[str, frozenset[Role]] = {
    "payments.view": _EVERYONE,
    "payments.check": _STAFF | _TECHNICAL,
    "payments.cancel": _STAFF,
    "payouts.create": _STAFF,
    "refunds.create": _STAFF,
    "unknowns.propose": _STAFF,
    "unknowns.approve": _IN_CHARGE,
    "alarms.acknowledge": _STAFF,
    "callbacks.view": _TECHNICAL | _STAFF,
    "callbacks.link": _STAFF,
    "ledger.view": _EVERYONE,
    "fees.manage": _IN_CHARGE,
    "reconciliation.view": _EVERYONE,
    "reconciliation.work": _STAFF,
    "reconciliation.close": _IN_CHARGE,
    "circuits.override": _IN_CHARGE,
    "phones.reveal": _STAFF,
    "keys.view": _TECHNICAL,
    "keys.manage": _TECHNICAL,
    "providers.view": _TECHNICAL | _STAFF,
    "providers.manage": _IN_CHARGE,
    "routing.view": _EVERYONE,
    "routing.edit": _TECHNICAL,
    "audit.view": _IN_CHARGE,
}

DESCRIPTIONS: dict[str, str] = {
    "payments.view": "See payments and their timelines",
    "payments.check": "Ask the provider about a payment now",
    "payments.cancel": "Cancel a payment that no provider has yet",
    "payouts.create": "Pay out money, and cancel a payout that waits",
    "refunds.create": "Refund a payment, and cancel a refund that waits",
    "unknowns.propose": "Propose how a payment with an unknown outcome ended",
    "unknowns.approve": "Approve or reject such a proposal of somebody else",
    "alarms.acknowledge": "Mark an alarm as seen",
    "callbacks.view": "See what providers sent",
    "callbacks.link": "Say which payment a provider's message belongs to",
    "ledger.view": "See balances and ledger entries",
    "fees.manage": "Change the fee schedule",
    "reconciliation.view": "See statements and how they match",
    "reconciliation.work": "Import statements and match their lines",
    "reconciliation.close": "Close a period and approve its exceptions",
    "circuits.override": "Stop an account at a provider, or let it through",
    "phones.reveal": "See a payer's full phone number",
    "keys.view": "See API keys",
    "keys.manage": "Create and revoke API keys",
    "providers.view": "See provider accounts",
    "providers.manage": "Connect and change provider accounts",
    "routing.view": "See which provider serves which number",
    "routing.edit": "Change which provider serves which number",
    "audit.view": "Read the audit trail",
}


def allows(role: str, permission: str) -> bool:
    """Whether the role holds the permission. Raises KeyError for a permission that is not in the table."""
    return role in PERMISSIONS[permission]
