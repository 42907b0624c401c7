"""Who may open a page inside a merchant. The merchant, role and mode were found by tenants/middleware.py."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse

from payments import audit
from portal.origin import origin
from tenants.models import Tenant
from tenants.roles import PERMISSIONS, Role, allows

READING = {"GET", "HEAD"}


class MerchantRequest(HttpRequest):
    """What a view below /m/<slug>/<mode>/ gets; for types only."""

    merchant: Tenant
    role: str
    livemode: bool


class MissingPermission(PermissionDenied):
    """A member whose role lacks a permission; the page names it, because colleagues may know and grant it."""

    def __init__(self, permission: str) -> None:
        super().__init__(permission)
        self.permission = permission


class MerchantSuspended(PermissionDenied):
    """Everything can be seen, and nothing changed, while the platform has suspended the merchant."""


MerchantView = Callable[..., HttpResponse]


def merchant_page(permission: str) -> Callable[[MerchantView], MerchantView]:
    """The view runs only for members whose role allows it, and is spared the slug and mode of its path."""

    def decorate(view: MerchantView) -> MerchantView:
        @wraps(view)
        def guarded(request: Any, slug: str, mode: str, **rest: Any) -> HttpResponse:  # noqa: ARG001
            if not allows(request.role, permission):
                _record_denial(request, permission, f"The role {request.role} lacks {permission}.")
                raise MissingPermission(permission)
            if request.merchant.suspended_at and request.method not in READING:
                _record_denial(request, permission, f"{request.merchant.name} is suspended.")
                raise MerchantSuspended(request.merchant.name)
            return view(request, **rest)

        guarded.permission = permission  # type: ignore[attr-defined]
        return guarded

    return decorate


def _record_denial(request: MerchantRequest, permission: str, reason: str) -> None:
    audit.record(
        action=permission, target=request.path[:120], livemode=request.livemode, result="denied", reason=reason,
        **origin(request),
    )  # fmt: skip


def may(request: HttpRequest, permission: str) -> bool:
    """Whether to offer an action at all; the view behind it checks again."""
    role: str = getattr(request, "role", "")
    return bool(role) and allows(role, permission)


def who_may(request: HttpRequest, permission: str) -> str:
    """Who acts: "You", or for somebody who may not, the roles that may: "An owner, admin or operator"."""
    return "You" if may(request, permission) else roles_that_may(permission)


def roles_that_may(permission: str) -> str:
    """`An owner or admin`, the most powerful first."""
    *first, last = [role.value for role in Role if role in PERMISSIONS[permission]]
    return f"An {', '.join(first)} or {last}" if first else f"An {last}"
