"""What we send to Airtel: paths, headers and bodies."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote

import orjson

from providers.airtel import encryption
from providers.airtel.credentials import SECRETS, signs
from providers.airtel.writing import goods_text, national, number
from providers.base import Account, Instruction, Operation
from providers.recording import Request

COUNTRY = "ZM"
CURRENCY = "ZMW"

# Where an operation is enquired about: the path, then our reference. Nobody can ask about a refund.
ENQUIRIES: Mapping[Operation, str] = {
    Operation.COLLECT: "/standard/v1/payments",
    Operation.TRANSFER: "/standard/v3/disbursements",
}


@dataclass(frozen=True, slots=True, repr=False)
class Order:
    """An instruction made ready: after a rejected token, the very same bytes go out once more."""

    operation: Operation
    path: str
    currency: str
    body: bytes
    headers: Mapping[str, str] = field(default_factory=dict)
    secrets: tuple[str, ...] = ()

    def request(self, account: Account, bearer: str) -> Request:
        headers = {**_headers(bearer, self.currency), "Content-Type": "application/json", **self.headers}
        secrets = (bearer, *self.secrets, *_secrets(account))
        return Request(self.operation, "POST", _url(account, self.path), headers, self.body, secrets)


def token(account: Account) -> Request:
    body = {
        "client_id": account.credentials["client_id"],
        "client_secret": account.credentials["client_secret"],
        "grant_type": "client_credentials",
    }
    return Request(
        operation="token",
        method="POST",
        url=_url(account, "/auth/oauth2/token"),
        headers={"Content-Type": "application/json"},
        body=orjson.dumps(body),
        secrets=_secrets(account),
    )


def order(account: Account, instruction: Instruction, public_key: str) -> Order:
    """A collection, payout or refund, ready to be sent. public_key: "" where none is needed.

    Raises encryption.UnusableKeyError.
    """
    match instruction.operation:
        case Operation.COLLECT:
            version = "v2" if signs(account.credentials) else "v1"
            made = _order(instruction, f"/merchant/{version}/payments/", _collection(instruction))
        case Operation.TRANSFER:
            made = _payout(account, instruction, public_key)
        case Operation.REFUND:
            body = {"transaction": {"airtel_money_id": instruction.original_provider_reference}}
            return _order(instruction, "/standard/v1/payments/refund", body)
    return _signed(made, public_key) if signs(account.credentials) else made


def lookup(account: Account, bearer: str, operation: Operation, reference: str) -> Request:
    return _get(account, bearer, "lookup", f"{ENQUIRIES[operation]}/{quote(reference, safe='')}")


def account_holder(account: Account, bearer: str, phone: str) -> Request:
    return _get(account, bearer, "account_holder", f"/standard/v1/users/{quote(national(phone), safe='')}")


def balance(account: Account, bearer: str) -> Request:
    return _get(account, bearer, "balance", "/standard/v1/users/balance")


def public_key(account: Account, bearer: str) -> Request:
    return _get(account, bearer, "public_key", "/v1/rsa/encryption-keys")


def _collection(instruction: Instruction) -> dict[str, Any]:
    place = {"country": COUNTRY, "currency": instruction.currency}
    return {
        "reference": goods_text(instruction),
        "subscriber": {**place, "msisdn": national(instruction.phone)},
        "transaction": {"amount": number(instruction.amount), **place, "id": instruction.reference},
    }


def _payout(account: Account, instruction: Instruction, public_key: str) -> Order:
    pin = encryption.encrypt(account.credentials["pin"].encode(), encryption.load_public_key(public_key))
    body = {
        "payee": {"msisdn": national(instruction.phone), "wallet_type": "NORMAL"},
        "reference": goods_text(instruction),
        "pin": pin,
        "transaction": {"amount": number(instruction.amount), "id": instruction.reference, "type": "B2C"},
    }
    return _order(instruction, "/standard/v3/disbursements", body, pin)


def _order(instruction: Instruction, path: str, body: dict[str, Any], *secrets: str) -> Order:
    return Order(instruction.operation, path, instruction.currency, orjson.dumps(body), secrets=secrets)


def _signed(made: Order, public_key: str) -> Order:
    seal = encryption.seal(made.body, encryption.load_public_key(public_key))
    headers = {"x-signature": seal.signature, "x-key": seal.key}
    secrets = (*made.secrets, *headers.values())
    return Order(made.operation, made.path, made.currency, made.body, headers, secrets)


def _get(account: Account, bearer: str, operation: str, path: str) -> Request:
    headers = _headers(bearer, CURRENCY)
    return Request(operation, "GET", _url(account, path), headers, secrets=(bearer, *_secrets(account)))


def _headers(bearer: str, currency: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {bearer}", "X-Country": COUNTRY, "X-Currency": currency}


def _url(account: Account, path: str) -> str:
    return account.base_url.rstrip("/") + path


def _secrets(account: Account) -> tuple[str, ...]:
    return tuple(account.credentials[name] for name in SECRETS if account.credentials.get(name))
