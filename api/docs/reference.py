"""The reference, read from the OpenAPI document: calls with their fields, errors and commands, ready for templates."""

import json
import re
from dataclasses import dataclass
from functools import cache
from typing import Any

from api.docs import snippets
from api.examples import BODIES, objects
from api.openapi import document
from api.problems import CODES

EXAMPLE_IDS = {
    "{payment_id}": objects.PAYMENT["id"],
    "{refund_id}": objects.REFUND["id"],
    "{payout_id}": objects.PAYOUT["id"],
    "{event_id}": objects.EVENT["id"],
}
# What the example of a list asks for.
EXAMPLE_QUERIES = {
    "list_ledger_entries": {"source": objects.PAYMENT["id"]},
    "list_events": {"after": "40", "limit": "100"},
    "list_providers": {},
}
USUAL_QUERY = {"status": "succeeded", "limit": "20"}


@dataclass(frozen=True, slots=True)
class Field:
    name: str
    type: str
    is_required: bool
    description: str
    children: tuple["Field", ...] = ()


@dataclass(frozen=True, slots=True)
class ErrorRow:
    status: str
    code: str
    title: str


@dataclass(frozen=True, slots=True)
class Operation:
    slug: str
    tag: str
    method: str
    path: str
    title: str
    paragraphs: tuple[str, ...]
    scope: str
    parameters: tuple[tuple[str, tuple[Field, ...]], ...]  # ("Query", fields) and so on
    answer_status: str
    answer_name: str
    answer_fields: tuple[Field, ...]
    answer: str
    errors: tuple[ErrorRow, ...]
    curl: str


@cache
def operations() -> tuple[Operation, ...]:
    """Every call, in the order of the document."""
    found = []
    for path, methods in document()["paths"].items():
        found += [_operation(path, method, details) for method, details in methods.items()]
    return tuple(found)


def find_operation(slug: str) -> Operation | None:
    return next((operation for operation in operations() if operation.slug == slug), None)


def operations_with(code: str) -> list[Operation]:
    """The calls that may answer this error code."""
    return [operation for operation in operations() if any(row.code == code for row in operation.errors)]


def _operation(path: str, method: str, details: dict[str, Any]) -> Operation:
    status, answer = next((status, found) for status, found in details["responses"].items() if status < "300")
    content = answer["content"]["application/json"]
    name = details["operationId"]
    schema = _resolved(content["schema"])
    return Operation(
        slug=name.replace("_", "-"),
        tag=details["tags"][0],
        method=method.upper(),
        path=path,
        title=details["summary"],
        paragraphs=tuple(_paragraphs(details.get("description", ""))),
        scope=next(iter(details["security"][0]["ApiKey"]), ""),
        parameters=tuple(_parameters(details)),
        answer_status=status,
        answer_name=schema["title"],
        answer_fields=_fields(schema),
        answer=json.dumps(content["example"], indent=2, ensure_ascii=False),
        errors=tuple(_errors(details["responses"])),
        curl=_curl(path, method, details),
    )


def _paragraphs(text: str) -> list[str]:
    return [" ".join(part.split()) for part in re.split(r"\n\s*\n", text) if part.strip()]


def _parameters(details: dict[str, Any]) -> list[tuple[str, tuple[Field, ...]]]:
    groups: dict[str, list[Field]] = {"Path": [], "Headers": [], "Query": []}
    titles = {"path": "Path", "header": "Headers", "query": "Query"}
    for given in details["parameters"]:
        parameter = _resolved(given)
        field = Field(
            parameter["name"],
            _type(parameter["schema"]).removesuffix(" or null"),
            parameter.get("required", False),
            parameter.get("description", "") or f"The {parameter['name'].removesuffix('_id')}'s id.",
        )
        groups[titles[parameter["in"]]].append(field)
    if body := details.get("requestBody"):
        groups["Body"] = list(_fields(_resolved(body["content"]["application/json"]["schema"])))
    return [(title, tuple(fields)) for title, fields in groups.items() if fields]


def _fields(schema: dict[str, Any], depth: int = 0) -> tuple[Field, ...]:
    required = schema.get("required", [])
    return tuple(
        Field(name, _type(part), name in required, part.get("description", ""), _children(part, depth))
        for name, part in schema.get("properties", {}).items()
    )


def _children(schema: dict[str, Any], depth: int) -> tuple[Field, ...]:
    """The fields of an object inside a field, two levels down at most."""
    for part in schema.get("anyOf", [schema]):
        target = _resolved(part.get("items", part))
        if "properties" in target and depth < 2:
            return _fields(target, depth + 1)
    return ()


def _type(schema: dict[str, Any]) -> str:
    if "anyOf" in schema:
        return " or ".join(_type(part) for part in schema["anyOf"])
    target = _resolved(schema)
    if "enum" in target:
        return " · ".join(str(value) for value in target["enum"])
    if "const" in target:
        return f"always {json.dumps(target['const'])}"
    kind = "time" if target.get("format") == "date-time" else str(target.get("type", "any"))
    if kind == "array":
        return f"list of {_resolved(target['items']).get('title', 'values')}"
    return str(target["title"]) if "properties" in target else kind


def _errors(responses: dict[str, Any]) -> list[ErrorRow]:
    rows = []
    for status, response in responses.items():
        shown = response["content"].get("application/problem+json", {}).get("examples", {})
        rows += [ErrorRow(status, code, CODES[code].title) for code in shown]
    return rows


def _curl(path: str, method: str, details: dict[str, Any]) -> str:
    name = details["operationId"]
    for placeholder, example_id in EXAMPLE_IDS.items():
        path = path.replace(placeholder, example_id)
    if method == "get":
        query = EXAMPLE_QUERIES.get(name, USUAL_QUERY)
        return snippets.get(path, query if name.startswith("list_") else None)
    if "requestBody" not in details:
        return snippets.post(path)
    schema = details["requestBody"]["content"]["application/json"]["schema"]["$ref"].rpartition("/")[2]
    body = BODIES[schema]
    return snippets.post(path, body, idempotency_key=body["reference"].lower())


def _resolved(schema: dict[str, Any]) -> dict[str, Any]:
    reference = schema.get("$ref")
    if reference is None:
        return schema
    found: Any = document()
    for part in reference.removeprefix("#/").split("/"):
        found = found[part]
    return dict(found)
