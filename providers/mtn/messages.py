"""What we send to MTN: paths, headers and bodies."""

import base64
import json
import re
import unicodedata
from typing import Any
from urllib.parse import quote

from providers.base import Account, Instruction, Operation
from providers.mtn.products import COLLECTION, PRODUCTS, RESOURCES, SECRETS, Product
from providers.recording import Request

MAX_TEXT_LENGTH = 160
# MTN's gateway rejects "&" and "'" and possibly more, once even after a 202; these are known to pass.
_NOT_ALLOWED = re.compile(r"[^A-Za-z0-9 .,-]+")


def token(account: Account, product: Product = COLLECTION) -> Request:
    """A body, even an empty JSON object, can be answered with 400."""
    credentials = product.credentials(account.credentials)
    # Raw, not URL-encoded: on the newer platform the user id ends in "=", and encoding it gives HTTP 500.
    basic = base64.b64encode(f"{credentials['api_user']}:{credentials['api_key']}".encode()).decode()
    return Request(
        operation="token",
        method="POST",
        url=_url(account, f"/{product.name}/token/"),
        headers={"Authorization": f"Basic {basic}", **_product_headers(account, product)},
        secrets=(basic, *_secrets(account)),
    )


def instruction(account: Account, bearer: str, order: Instruction) -> Request:
    """requesttopay, transfer or refund. An empty X-Callback-Url header is an error at MTN, so it is left out."""
    resource = RESOURCES[order.operation]
    headers = {"X-Reference-Id": order.reference, "Content-Type": "application/json"}
    if order.callback_url:
        headers["X-Callback-Url"] = order.callback_url
    body: dict[str, Any] = {
        "amount": format(order.amount, "f"),
        "currency": order.currency,
        "externalId": order.external_id,
        "payerMessage": safe_text(order.payer_message),
        "payeeNote": safe_text(order.payee_note),
    }
    if resource.party:
        body[resource.party] = {"partyIdType": "MSISDN", "partyId": order.phone}
    else:
        body["referenceIdToRefund"] = order.original_reference
    return Request(
        operation=order.operation,
        method="POST",
        url=_url(account, resource.path),
        headers={**_bearer_headers(account, bearer, resource.product), **headers},
        body=json.dumps(body).encode(),
        secrets=(bearer, *_secrets(account)),
    )


def lookup(account: Account, bearer: str, operation: Operation, reference: str) -> Request:
    resource = RESOURCES[operation]
    return _get(account, bearer, resource.product, "lookup", f"{resource.path}/{quote(reference, safe='')}")


def account_holder(account: Account, bearer: str, product: Product, phone: str) -> Request:
    path = f"/{product.name}/v1_0/accountholder/msisdn/{quote(phone, safe='')}/active"
    return _get(account, bearer, product, "account_holder", path)


def balance(account: Account, bearer: str, product: Product) -> Request:
    return _get(account, bearer, product, "balance", f"/{product.name}/v1_0/account/balance")


def safe_text(text: str) -> str:
    """Letters lose their accents, everything else outside [A-Za-z0-9 .,-] becomes a space; cut to 160."""
    plain = "".join(mark for mark in unicodedata.normalize("NFKD", text) if not unicodedata.combining(mark))
    return " ".join(_NOT_ALLOWED.sub(" ", plain).split())[:MAX_TEXT_LENGTH].rstrip()


def _get(account: Account, bearer: str, product: Product, operation: str, path: str) -> Request:
    return Request(
        operation=operation,
        method="GET",
        url=_url(account, path),
        headers=_bearer_headers(account, bearer, product),
        secrets=(bearer, *_secrets(account)),
    )


def _url(account: Account, path: str) -> str:
    """Double slashes are answered with 400."""
    return account.base_url.rstrip("/") + path


def _bearer_headers(account: Account, bearer: str, product: Product) -> dict[str, str]:
    return {"Authorization": f"Bearer {bearer}", **_product_headers(account, product)}


def _product_headers(account: Account, product: Product) -> dict[str, str]:
    """The target environment is optional for the older platform's token and mandatory for the newer one's."""
    credentials = product.credentials(account.credentials)
    return {
        "Ocp-Apim-Subscription-Key": credentials["subscription_key"],
        "X-Target-Environment": credentials["target_environment"],
    }


def _secrets(account: Account) -> tuple[str, ...]:
    """Those of every product, for a product's answer may echo anything."""
    names = (product.prefix + name for product in PRODUCTS for name in SECRETS)
    return tuple(account.credentials[name] for name in names if account.credentials.get(name))
