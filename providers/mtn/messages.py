"""What we send to MTN: paths, headers and bodies."""

import base64
import json
import re
import unicodedata
from urllib.parse import quote

from providers.base import Account, Instruction
from providers.recording import Request

MAX_TEXT_LENGTH = 160
# MTN's gateway rejects "&" and "'" and possibly more, once even after a 202; these are known to pass.
_NOT_ALLOWED = re.compile(r"[^A-Za-z0-9 .,-]+")


def token(account: Account) -> Request:
    """A body, even an empty JSON object, can be answered with 400."""
    credentials = account.credentials
    # Raw, not URL-encoded: on the newer platform the user id ends in "=", and encoding it gives HTTP 500.
    basic = base64.b64encode(f"{credentials['api_user']}:{credentials['api_key']}".encode()).decode()
    return Request(
        operation="token",
        method="POST",
        url=_url(account, "/collection/token/"),
        headers={"Authorization": f"Basic {basic}", **_product_headers(account)},
        secrets=(basic, *_secrets(account)),
    )


def collection(account: Account, bearer: str, instruction: Instruction) -> Request:
    """requesttopay. An empty X-Callback-Url header is an error at MTN, so it is left out."""
    headers = {"X-Reference-Id": instruction.reference, "Content-Type": "application/json"}
    if instruction.callback_url:
        headers["X-Callback-Url"] = instruction.callback_url
    body = {
        "amount": format(instruction.amount, "f"),
        "currency": instruction.currency,
        "externalId": instruction.external_id,
        "payer": {"partyIdType": "MSISDN", "partyId": instruction.phone},
        "payerMessage": safe_text(instruction.payer_message),
        "payeeNote": safe_text(instruction.payee_note),
    }
    return Request(
        operation="collect",
        method="POST",
        url=_url(account, "/collection/v1_0/requesttopay"),
        headers={**_bearer_headers(account, bearer), **headers},
        body=json.dumps(body).encode(),
        secrets=(bearer, *_secrets(account)),
    )


def collection_lookup(account: Account, bearer: str, reference: str) -> Request:
    return _get(account, bearer, "lookup", f"/collection/v1_0/requesttopay/{quote(reference, safe='')}")


def account_holder(account: Account, bearer: str, phone: str) -> Request:
    path = f"/collection/v1_0/accountholder/msisdn/{quote(phone, safe='')}/active"
    return _get(account, bearer, "account_holder", path)


def safe_text(text: str) -> str:
    """Letters lose their accents, everything else outside [A-Za-z0-9 .,-] becomes a space; cut to 160."""
    plain = "".join(mark for mark in unicodedata.normalize("NFKD", text) if not unicodedata.combining(mark))
    return " ".join(_NOT_ALLOWED.sub(" ", plain).split())[:MAX_TEXT_LENGTH].rstrip()


def _get(account: Account, bearer: str, operation: str, path: str) -> Request:
    return Request(
        operation=operation,
        method="GET",
        url=_url(account, path),
        headers=_bearer_headers(account, bearer),
        secrets=(bearer, *_secrets(account)),
    )


def _url(account: Account, path: str) -> str:
    """Double slashes are answered with 400."""
    return account.base_url.rstrip("/") + path


def _bearer_headers(account: Account, bearer: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {bearer}", **_product_headers(account)}


def _product_headers(account: Account) -> dict[str, str]:
    """The target environment is optional for the older platform's token and mandatory for the newer one's."""
    return {
        "Ocp-Apim-Subscription-Key": account.credentials["subscription_key"],
        "X-Target-Environment": account.credentials["target_environment"],
    }


def _secrets(account: Account) -> tuple[str, ...]:
    return account.credentials["api_key"], account.credentials["subscription_key"]
