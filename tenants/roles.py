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
    "phones.reveal": _STAFF,
    "keys.view": _TECHNICAL,
    "keys.manage": _TECHNICAL,
    "providers.view": _TECHNICAL | _STAFF,
    "providers.manage": _IN_CHARGE,
    "audit.view": _IN_CHARGE,
}

DESCRIPTIONS: dict[str, str] = {
    "payments.view": "See payments and their timelines",
    "payments.check": "Ask the provider about a payment now",
    "payments.cancel": "Cancel a payment that no provider has yet",
    "phones.reveal": "See a payer's full phone number",
    "keys.view": "See API keys",
    "keys.manage": "Create and revoke API keys",
    "providers.view": "See provider accounts",
    "providers.manage": "Connect and change provider accounts",
    "audit.view": "Read the audit trail",
}


def allows(role: str, permission: str) -> bool:
    """Whether the role holds the permission. Raises KeyError for a permission that is not in the table."""
    return role in PERMISSIONS[permission]
