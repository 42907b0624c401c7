"""Reads request bodies: no more than the cap, only application/json, one object, each field once."""

import json
from collections.abc import Iterable
from email.message import Message
from typing import Any

import orjson
from django.conf import settings
from django.http import HttpRequest

from api.problems import FieldError, Problem


def read_object(request: HttpRequest) -> dict[str, Any]:
    """The body as a JSON object. Raises Problem: 415, 413, 400."""
    _require_json(request.META.get("CONTENT_TYPE", ""))
    return _parse(read_bytes(request))


def read_nothing(request: HttpRequest) -> None:
    """For calls that take no fields: an empty body, or {}. Raises Problem."""
    data = read_bytes(request)
    if not data:
        return
    _require_json(request.META.get("CONTENT_TYPE", ""))
    if fields := _parse(data):
        raise _unknown_fields(fields)


def read_bytes(request: HttpRequest) -> bytes:
    """The body, never more than the cap in memory, whatever Content-Length says. Raises Problem 413."""
    cap: int = settings.BODY_MAX_BYTES
    length = request.META.get("CONTENT_LENGTH") or ""
    if length.isdecimal() and int(length) > cap:
        raise _too_large(cap)
    if length == "" and "HTTP_TRANSFER_ENCODING" in request.META:
        # Django takes a body without a length for none; the server has it, chunk by chunk.
        data: bytes = request.META["wsgi.input"].read(cap + 1)
    else:
        data = request.read(cap + 1)
    if len(data) > cap:
        raise _too_large(cap)
    return data


def _unknown_fields(names: Iterable[str]) -> Problem:
    errors = [FieldError(name[:100], "unknown_field", "is not a field of this request") for name in names]
    return Problem("validation_failed", "The body has fields that this call does not take.", errors=errors)


def _require_json(content_type: str) -> None:
    if content_type == "application/json":
        return
    header = Message()
    header["Content-Type"] = content_type
    charset = str(header.get_param("charset", "utf-8")).lower()
    if not content_type or header.get_content_type() != "application/json" or charset not in {"utf-8", "utf8"}:
        raise Problem("unsupported_media_type", "Send the body with Content-Type: application/json.")


def _parse(data: bytes) -> dict[str, Any]:
    try:
        # orjson is strict about UTF-8, lone surrogates, NaN and depth, but keeps the last of two equal names.
        value = orjson.loads(data)
        if isinstance(value, dict):
            json.loads(data, object_pairs_hook=_each_once)
            return value
    except (ValueError, RecursionError) as error:
        raise Problem("invalid_json", f"The body cannot be read: {error}."[:300]) from error
    raise Problem("invalid_json", "The body must be a JSON object.")


def _each_once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    fields = dict(pairs)
    if len(fields) != len(pairs):
        raise ValueError("a field is named twice")
    return fields


def _too_large(cap: int) -> Problem:
    return Problem("body_too_large", f"The body has more than {cap} bytes.")
