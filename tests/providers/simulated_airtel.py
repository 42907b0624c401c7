"""A caller of the simulated Airtel that makes any request, right or wrong, and shares no code with our adapter."""

import base64
import itertools
import json
from dataclasses import dataclass, field
from typing import Any

from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.serialization import load_der_public_key

from tests.providers.control import Reply, call

CLIENT = {"client_id": "app-1", "client_secret": "secret-1", "grant_type": "client_credentials"}
COUNTRY = {"X-Country": "ZM", "X-Currency": "ZMW"}
_ids = itertools.count(1)


def new_id() -> str:
    return f"PGW{next(_ids):010}"


@dataclass
class AirtelCaller:
    """Signed in, unless its headers are changed."""

    url: str
    client: dict[str, str] = field(default_factory=lambda: dict(CLIENT))
    headers: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        bearer = call(self.url, "POST", "/auth/oauth2/token", self.client).json()["access_token"]
        self.headers = {**COUNTRY, "Authorization": f"Bearer {bearer}"}

    def get(self, path: str, **headers: str) -> Reply:
        return call(self.url, "GET", path, headers=self.headers | headers)

    def post(self, path: str, body: Any, **headers: str) -> Reply:
        return call(self.url, "POST", path, body, self.headers | headers)

    def collect(self, **changes: Any) -> Reply:
        """Of the changes, `phone`, `amount`, `id` and `reference` go where they belong."""
        return self.post("/merchant/v1/payments/", push(**changes))

    def enquire(self, reference: str) -> Any:
        return self.get(f"/standard/v1/payments/{reference}").json()

    def word(self, reference: str) -> str:
        """The status of the transaction alone."""
        return str(self.enquire(reference)["data"]["transaction"]["status"])

    def pay_out(self, **changes: Any) -> Reply:
        """`pin` is given in clear."""
        pin = self.sealed(changes.pop("pin", "1234"))
        return self.post("/standard/v3/disbursements", payout(pin, **changes))

    def refund(self, money_id: str) -> Any:
        body = {"transaction": {"airtel_money_id": money_id}}
        return self.post("/standard/v1/payments/refund", body).json()

    def sealed(self, text: str) -> str:
        encoded = self.get("/v1/rsa/encryption-keys").json()["data"]["key"]
        key = load_der_public_key(base64.b64decode(encoded))
        assert isinstance(key, RSAPublicKey)
        assert key.key_size == 1024
        return base64.b64encode(key.encrypt(text.encode(), PKCS1v15())).decode()


def push(phone: str = "977000123", amount: Any = 150.5, **changes: str) -> dict[str, Any]:
    return {
        "reference": changes.get("reference", "INV1001"),
        "subscriber": {"country": "ZM", "currency": "ZMW", "msisdn": phone},
        "transaction": {"amount": amount, "country": "ZM", "currency": "ZMW", "id": changes.get("id", new_id())},
    }


def payout(pin: str, phone: str = "977000123", amount: Any = 200, **changes: str) -> dict[str, Any]:
    return {
        "payee": {"msisdn": phone, "wallet_type": "NORMAL"},
        "reference": changes.get("reference", "PO77"),
        "pin": pin,
        "transaction": {"amount": amount, "id": changes.get("id", new_id()), "type": "B2C"},
    }


def codes(reply: Reply) -> tuple[int, str, str]:
    """HTTP status, the envelope's code, and the newest code that it has."""
    status = json.loads(reply.body)["status"]
    return reply.status, status["code"], status.get("response_code", status["result_code"])
