"""From a JSON object to a wish that payments understands, or to a problem that names every field that is not valid."""

from collections.abc import Iterable, Mapping
from typing import Any

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from api.problems import FieldError, Problem
from api.schemas.requests import NewMovement, NewRefund
from payments import create, refunds
from payments.errors import NoRoute
from payments.money import CURRENCIES, TEST_ONLY_CURRENCIES, InvalidAmount, Money, parse_money
from providers.numbers import InvalidPhoneError, network_of, normalise

# pydantic's word → ours, and a message in the same voice for all of them.
_WORDS: dict[str, tuple[str, str]] = {
    "missing": ("required", "is required"),
    "extra_forbidden": ("unknown_field", "is not a field of this request"),
    "string_type": ("invalid_type", "must be a string"),
    "dict_type": ("invalid_type", "must be an object"),
    "string_too_short": ("invalid", "must not be empty"),
    "string_too_long": ("too_long", "must have at most {max_length} characters"),
    "too_long": ("too_long", "must have at most {max_length} entries"),
    "literal_error": ("not_supported", "must be {expected}"),
    "greater_than_equal": ("invalid", "must be at least {ge}"),
    "less_than_equal": ("invalid", "must be at most {le}"),
    "int_parsing": ("invalid", "must be a whole number"),
}


def new_movement(model: type[NewMovement], fields: Mapping[str, Any], *, livemode: bool) -> create.NewPayment:
    """The validated wish for money from or to a phone. Raises Problem, NoRoute."""
    body = _validated(model, fields)
    errors: list[FieldError] = []
    money = _money(body, livemode, errors)
    phone = _phone(body, livemode, errors)
    if money is None or phone is None:
        raise _problem(errors)
    return create.NewPayment(
        money=money,
        phone=phone,
        network=body.provider or _network(phone),
        provider=body.provider or "",
        reference=body.reference,
        description=body.description or "",
        metadata=body.metadata or {},
    )


def new_refund(fields: Mapping[str, Any], *, payment_id: str, currency: str) -> refunds.NewRefund:
    """The validated wish to pay back, in the payment's currency. Raises Problem."""
    body = _validated(NewRefund, fields)
    errors: list[FieldError] = []
    money = _amount(body.amount, currency, errors) if body.amount is not None else None
    if errors:
        raise _problem(errors)
    return refunds.NewRefund(
        payment_id=payment_id,
        amount=money.amount if money else None,
        reason=body.reason or "",
        reference=body.reference,
        metadata=body.metadata or {},
    )


def invalid_fields(errors: Iterable[ErrorDetails | dict[str, Any]], *, status: int | None = None) -> Problem:
    """The problem for what pydantic found."""
    return _problem([_field_error(error) for error in errors], status=status)


def model_fields(model: type[BaseModel]) -> set[str]:
    return set(model.model_fields)


def _validated[Body: BaseModel](model: type[Body], fields: Mapping[str, Any]) -> Body:
    try:
        return model.model_validate(fields)
    except ValidationError as error:
        raise invalid_fields(error.errors(include_url=False, include_input=False)) from error


def _problem(errors: list[FieldError], *, status: int | None = None) -> Problem:
    detail = "; ".join(f"{error.field} {error.message}" for error in errors[:3])
    more = f" (and {len(errors) - 3} more)" if len(errors) > 3 else ""
    return Problem("validation_failed", f"{detail}{more}.", status=status, errors=errors)


def _money(body: NewMovement, livemode: bool, errors: list[FieldError]) -> Money | None:
    currency = body.currency
    if currency not in CURRENCIES or (livemode and currency in TEST_ONLY_CURRENCIES):
        known = sorted(set(CURRENCIES) - (TEST_ONLY_CURRENCIES if livemode else set()))
        errors.append(FieldError("currency", "not_supported", f"must be {' or '.join(known)}"))
        return None
    return _amount(body.amount, currency, errors)


def _amount(text: str, currency: str, errors: list[FieldError]) -> Money | None:
    try:
        if not text.isascii():
            raise InvalidAmount('must be a plain decimal string such as "150.00"')
        return parse_money(text, currency)
    except InvalidAmount as error:
        errors.append(FieldError("amount", "invalid", str(error)))
        return None


def _phone(body: NewMovement, livemode: bool, errors: list[FieldError]) -> str | None:
    try:
        return normalise(body.phone, allow_sandbox=not livemode)
    except InvalidPhoneError:
        errors.append(FieldError("phone", "invalid", "must be a Zambian mobile number such as +260961234567"))
        return None


def _network(phone: str) -> str:
    network = network_of(phone)
    if network is None:
        raise NoRoute(
            "This number belongs to no network with a wallet that we reach; name a provider if you know better."
        )
    return network


def _field_error(error: ErrorDetails | dict[str, Any]) -> FieldError:
    # pydantic marks an invalid key of a dict by a last part "[key]", and names union members in between.
    location = [str(part) for part in error["loc"] if part != "[key]"]
    code, message = _WORDS.get(error["type"], ("invalid", error["msg"]))
    message = message.format(**error.get("ctx", {}))
    return FieldError(".".join(location)[:120], code, message)
