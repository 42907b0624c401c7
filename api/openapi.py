"""The OpenAPI 3.1 document: what ninja knows of the calls, and the errors, headers and examples that they share."""

from functools import cache
from http import HTTPStatus
from inspect import cleandoc
from typing import Any

import orjson
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe
from pydantic import BaseModel

from api.examples import ANSWERS, BODIES
from api.examples.problems import DETAILS, EXTRAS, REQUEST_ID
from api.problems import CODES, MEDIA_TYPE, Problem, represent
from api.schemas.account import ProblemDocument
from api.schemas.requests import NewPayment, NewPayout, NewRefund
from api.specification import CODES_MARK, SCOPE_MARK
from api.v1 import api
from payments.keys import SCOPES

# What any call may answer.
COMMON_CODES = (
    "invalid_api_key",
    "insufficient_scope",
    "ip_not_allowed",
    "merchant_suspended",
    "rate_limited",
    "internal",
)
ALWAYS_SENT = ("X-Request-ID", "RateLimit", "RateLimit-Policy")

DESCRIPTION = (
    "Collect, pay out and refund mobile money in Zambia. "
    "Amounts are decimal strings, times are RFC 3339 in UTC, ids are opaque.\n\n"
    f"Guides, and a page for every error code: {settings.PUBLIC_URL}/docs/"
)

HEADERS: dict[str, dict[str, Any]] = {
    "X-Request-ID": {
        "description": "Names this request in our logs. A valid one sent by the caller is kept.",
        "schema": {"type": "string"},
        "example": REQUEST_ID,
    },
    "RateLimit": {
        "description": "Requests left (`r`) in the window, and seconds until it ends (`t`).",
        "schema": {"type": "string"},
        "example": '"default";r=42;t=7',
    },
    "RateLimit-Policy": {
        "description": "Requests allowed (`q`) in a window of so many seconds (`w`), per merchant and mode.",
        "schema": {"type": "string"},
        "example": '"default";q=100;w=60',
    },
    "Retry-After": {
        "description": "Seconds to wait before trying again.",
        "schema": {"type": "integer"},
        "example": 7,
    },
    "Idempotent-Replayed": {
        "description": "`true` when this is the stored answer to an earlier request with the same key.",
        "schema": {"type": "string", "enum": ["true"]},
    },
    "Location": {
        "description": "The address of the new object.",
        "schema": {"type": "string"},
        "example": "/v1/payments/pay_01kbrz3w9xe5v8m4t2n6c7d0fg",
    },
}
IDEMPOTENCY_KEY = {
    "name": "Idempotency-Key",
    "in": "header",
    "required": True,
    "description": (
        "A value of your own, fresh per purchase and the same on every retry of it: 1 to 255 printable ASCII "
        "characters, bare or in double quotes. Kept for at least 7 days, per merchant, mode and route."
    ),
    "schema": {"type": "string", "minLength": 1, "maxLength": 255},
    "example": "3f0c0a52-8f7e-4f3d-9f59-2a5f6f0f7a11",
}
WITH_METADATA_FILTER = {"list_payments", "list_payouts", "list_refunds"}
METADATA_FILTER = {
    "name": "metadata",
    "in": "query",
    "style": "deepObject",
    "explode": True,
    "description": "Only those with these values: `metadata[order]=1001`. At most 5 at once.",
    "schema": {"type": "object", "additionalProperties": {"type": "string"}},
}


@require_safe
def serve(_request: HttpRequest) -> HttpResponse:
    headers = {"Cache-Control": "public, max-age=300", "Access-Control-Allow-Origin": "*"}
    return HttpResponse(_rendered(), content_type="application/json", headers=headers)


@cache
def document() -> dict[str, Any]:
    """The whole document. Shared: do not change it."""
    found: dict[str, Any] = dict(api.get_openapi_schema(path_prefix="/v1/"))
    found["info"] = {"title": "Ndalama API", "version": "1", "description": DESCRIPTION}
    found["servers"] = [{"url": settings.PUBLIC_URL}]
    found["tags"] = [
        {"name": "Payments", "description": "Money in: ask a payer, and watch what comes of it."},
        {"name": "Refunds", "description": "Money back: part or all of a payment."},
        {"name": "Payouts", "description": "Money out: send it to a wallet."},
        {"name": "Ledger", "description": "What is where, and every line that says why."},
        {"name": "Events", "description": "Every change of state, in an order without gaps."},
        {"name": "Providers", "description": "Which networks can be used now, and how well they served lately."},
        {"name": "Account", "description": "The key itself."},
    ]
    for path in found["paths"].values():
        for operation in path.values():
            _complete(operation)
    schemas = found["components"]["schemas"]
    for model in (NewPayment, NewPayout, NewRefund, ProblemDocument):
        _add_schema(schemas, model)
    for name, example in BODIES.items():
        schemas[name]["example"] = example
    found["components"] = {
        "schemas": schemas,
        "parameters": {"IdempotencyKey": IDEMPOTENCY_KEY},
        "headers": HEADERS,
        "securitySchemes": {"ApiKey": _security_scheme()},
    }
    return found


def problem_example(code: str) -> dict[str, Any]:
    """A problem of the code as a caller would see it."""
    detail = DETAILS.get(code, CODES[code].meaning)
    problem = Problem(code, detail, extra=EXTRAS.get(code))
    return represent(problem, request_id=REQUEST_ID)


@cache
def _rendered() -> bytes:
    return orjson.dumps(document())


def _complete(operation: dict[str, Any]) -> None:
    # A view's docstring begins with its title.
    title, _, rest = operation.pop("description").partition("\n")
    operation["summary"] = title.rstrip(".")
    if rest.strip():
        operation["description"] = cleandoc(rest)
    scope = operation.pop(SCOPE_MARK)
    operation["security"] = [{"ApiKey": [scope] if scope else []}]
    codes = [*COMMON_CODES, *operation.pop(CODES_MARK)]
    if not scope:
        codes.remove("insufficient_scope")
    name = operation["operationId"]
    if name in WITH_METADATA_FILTER:
        operation["parameters"].append(METADATA_FILTER)
    answers = _answers(operation["responses"], name, is_creation="201" in map(str, operation["responses"]))
    operation["responses"] = answers | _refusals(codes, is_query=_is_query(operation))


def _is_query(operation: dict[str, Any]) -> bool:
    return "requestBody" not in operation


def _answers(responses: dict[Any, Any], name: str, *, is_creation: bool) -> dict[str, Any]:
    completed = {}
    for status, response in responses.items():
        headers = _header_refs(ALWAYS_SENT)
        if is_creation:
            headers |= _header_refs(("Location", "Idempotent-Replayed"))
        response["content"]["application/json"]["example"] = ANSWERS[name]
        completed[str(status)] = response | {"headers": headers}
    return completed


def _refusals(codes: list[str], *, is_query: bool) -> dict[str, Any]:
    """One response per status, with an example per code."""
    by_status: dict[str, list[str]] = {}
    for code in codes:
        # What is wrong with a query string is 400, what is wrong with a body is 422.
        status = 400 if code == "validation_failed" and is_query else CODES[code].status
        by_status.setdefault(str(status), []).append(code)
    return {status: _refusal(status, by_status[status]) for status in sorted(by_status)}


def _refusal(status: str, codes: list[str]) -> dict[str, Any]:
    headers = ALWAYS_SENT + (("Retry-After",) if any(CODES[code].retry == "waited" for code in codes) else ())
    shown = {
        code: {"summary": CODES[code].title, "value": problem_example(code) | {"status": int(status)}} for code in codes
    }
    return {
        "description": f"{HTTPStatus(int(status)).phrase}: {', '.join(f'`{code}`' for code in codes)}",
        "headers": _header_refs(headers),
        "content": {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}, "examples": shown}},
    }


def _header_refs(names: tuple[str, ...]) -> dict[str, Any]:
    return {name: {"$ref": f"#/components/headers/{name}"} for name in names}


def _add_schema(schemas: dict[str, Any], model: type[BaseModel]) -> None:
    schema = model.model_json_schema(ref_template="#/components/schemas/{model}")
    schemas.update(schema.pop("$defs", {}))
    schemas[schema["title"]] = schema


def _security_scheme() -> dict[str, Any]:
    scopes = "; ".join(f"`{name}`: {words}" for name, words in SCOPES.items())
    return {
        "type": "http",
        "scheme": "bearer",
        "bearerFormat": "ndl_test_… or ndl_live_…",
        "description": f"An API key from the dashboard. It decides merchant and mode. Scopes: {scopes}.",
    }
