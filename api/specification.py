"""What a call needs and may refuse, said once beside its route: enforced by ninja, and described by api/openapi.py."""

from typing import Any

from api.auth import Scope

# Kept in ninja's operation until api/openapi.py turns them into security and responses.
SCOPE_MARK, CODES_MARK = "x-scope", "x-codes"


def call(scope: str, *codes: str, body: str = "", idempotent: bool = False) -> dict[str, Any]:
    """Keyword arguments for a route.

    scope: what the key must have ("": any key will do); codes: the errors that only this call has; body: a schema of
    api/schemas/; idempotent: with the header that makes a retry safe.
    """
    extra: dict[str, Any] = {SCOPE_MARK: scope, CODES_MARK: list(codes)}
    if body:
        content = {"application/json": {"schema": {"$ref": f"#/components/schemas/{body}"}}}
        extra["requestBody"] = {"required": True, "content": content}
    if idempotent:
        extra["parameters"] = [{"$ref": "#/components/parameters/IdempotencyKey"}]
    return {"auth": Scope(scope), "openapi_extra": extra}
