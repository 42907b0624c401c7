"""Which merchant's schema the running code is in."""

from django.db import connection

from tenants.models import Tenant


def current_tenant() -> Tenant:
    """The merchant entered by the middleware, the job runner or a command. Raises RuntimeError in the public schema."""
    tenant = connection.tenant  # type: ignore[attr-defined]
    if not isinstance(tenant, Tenant):
        raise RuntimeError("This code must run inside a merchant's schema.")
    return tenant


def leave_merchant() -> None:
    """Back to the public schema: a pooled connection must not carry one request's or job's merchant into the next."""
    if connection.schema_name != "public":  # type: ignore[attr-defined]
        connection.set_schema_to_public()  # type: ignore[attr-defined]
