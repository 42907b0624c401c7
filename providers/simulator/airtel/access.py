"""Getting in at Airtel: sign-in, bearer tokens, the headers of a country, and signed messages."""

from providers.simulator.airtel import messages
from providers.simulator.airtel.clients import Client, Clients
from providers.simulator.airtel.keys import is_signed
from providers.simulator.messages import Answer, Refusal, Request, json_answer
from providers.simulator.networks import Context
from providers.simulator.switches import Switches

TOKEN_SECONDS = 180
COUNTRY, CURRENCY = "ZM", "ZMW"


class Access:
    def __init__(self, clients: Clients) -> None:
        self._clients = clients

    def token(self, request: Request, context: Context) -> Answer:
        wanted, switches = request.json_object() or {}, context.switches
        if wanted.get("grant_type") != "client_credentials":
            raise Refusal(_oauth_error(400, "unsupported_grant_type", "Invalid grant_type"))
        name, secret = str(wanted.get("client_id", "")), str(wanted.get("client_secret", ""))
        lifetime = min(TOKEN_SECONDS, switches["token_expires_seconds"])
        bearer = self._clients.sign_in(name, secret, lifetime=lifetime, strict=switches["strict_credentials"])
        if not name or not secret or bearer is None:
            raise Refusal(_oauth_error(401, "invalid_client", "Invalid client authentication"))
        return json_answer(200, {"access_token": bearer, "expires_in": str(lifetime), "token_type": "bearer"})

    def signed_in(self, request: Request, switches: Switches) -> Client:
        scheme, _, bearer = request.headers.get("authorization", "").partition(" ")
        if scheme.lower() != "bearer" or not bearer:
            raise Refusal(_oauth_error(401, "invalid_request", "The access token is missing"))
        client = self._clients.bearer(bearer)
        if client is None:
            raise Refusal(_oauth_error(401, "invalid_token", "The access token is invalid or has expired"))
        _check_country(request, switches)
        return client

    def may_order(self, request: Request, switches: Switches, *, code: str, must_sign: bool = False) -> Client:
        """Signed in and, where it is wanted, with a message signature that fits; `code` says that it does not.

        A signature that nobody asked for is checked as well, so that our own mistakes come to light.
        """
        client = self.signed_in(request, switches)
        headers = request.headers
        is_wanted = must_sign or client.message_signing or switches["message_signing"]
        has_one = "x-signature" in headers or "x-key" in headers
        if (is_wanted or has_one) and not is_signed(
            request.body, headers.get("x-signature", ""), headers.get("x-key", "")
        ):
            status = {"response_code": code, "code": "403", "success": False}
            raise Refusal(json_answer(403, {"status": {**status, "message": "Signature and payload did not match"}}))
        return client


def _check_country(request: Request, switches: Switches) -> None:
    for name, right, code in (("X-Country", COUNTRY, "ROUTER006"), ("X-Currency", CURRENCY, "ROUTER112")):
        value = request.headers.get(name.lower())
        if value is None:
            words = f"Missing request header '{name}' for method parameter of type String"
            raise Refusal(messages.failure("ESB000008", words, switches))
        if value != right:
            raise Refusal(messages.failure(code, f"Invalid {name}", switches))


def _oauth_error(status: int, error: str, description: str) -> Answer:
    return json_answer(status, {"error_description": description, "error": error})
