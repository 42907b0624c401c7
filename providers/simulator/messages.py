"""Requests and answers inside the simulator, and the error bodies of MTN's API and of the gateway before it."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

DUPLICATE = "Duplicated reference id. Creation of resource failed."
NOT_FOUND = "Requested resource was not found."


@dataclass(frozen=True, slots=True)
class Request:
    """One request as it came in. Header names are in lower case."""

    method: str
    path: str
    query: Mapping[str, str]
    headers: Mapping[str, str]
    body: bytes

    def json_object(self) -> dict[str, Any] | None:
        """The body's JSON object, or None when it is anything else."""
        try:
            value = json.loads(self.body)
        except ValueError:
            return None
        return value if isinstance(value, dict) else None


@dataclass(frozen=True, slots=True)
class Answer:
    """One answer; or `ending`, "reset" or "hang" (for so many seconds), in its place."""

    status: int
    body: bytes = b""
    content_type: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)
    ending: str = ""
    hang_seconds: float = 0.0


class Refusal(Exception):
    """Ends the handling of a request with this answer."""

    def __init__(self, answer: Answer) -> None:
        super().__init__(answer.status)
        self.answer = answer


def json_answer(status: int, value: Any) -> Answer:
    return Answer(status, json.dumps(value).encode(), "application/json")


def api_error(status: int, code: str, message: str = "") -> Answer:
    """The API's own shape."""
    return json_answer(status, {"code": code, "message": message or code.replace("_", " ").capitalize() + "."})


def gateway_error(status: int, message: str) -> Answer:
    """The shape of the API management in front of it."""
    return json_answer(status, {"statusCode": status, "message": message})


def html_error(status: int, title: str) -> Answer:
    page = f"<html><head><title>{title}</title></head><body><h1>{title}</h1></body></html>"
    return Answer(status, page.encode(), "text/html")
