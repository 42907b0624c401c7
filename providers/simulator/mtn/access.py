"""Getting in: sandbox provisioning, subscription keys, sign-in, and the checks before every call."""

import base64
import re

from providers.simulator.messages import Answer, Refusal, Request, json_answer
from providers.simulator.mtn.accounts import Accounts, ApiUser
from providers.simulator.mtn.messages import DUPLICATE, NOT_FOUND, api_error, gateway_error
from providers.simulator.networks import Context

CURRENCY_BY_ENVIRONMENT = {
    "sandbox": "EUR", "mtnzambia": "ZMW", "mtnuganda": "UGX", "mtnghana": "GHS", "mtnivorycoast": "XOF",
    "mtncameroon": "XAF", "mtnbenin": "XOF", "mtncongo": "XAF", "mtnswaziland": "SZL",
    "mtnguineaconakry": "GNF", "mtnsouthafrica": "ZAR", "mtnliberia": "LRD",
}  # fmt: skip
BAD_SUBSCRIPTION = (
    "Access denied due to invalid subscription key. Make sure to provide a valid key for an active subscription."
)
_UUID4 = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}", re.IGNORECASE)


class Access:
    def __init__(self, accounts: Accounts) -> None:
        self._accounts = accounts

    def create_user(self, request: Request, _: Context) -> Answer:
        self._require_any_subscription(request)
        reference, body = reference_of(request), request.json_object()
        host = body.get("providerCallbackHost") if body else None
        if not isinstance(host, str) or "/" in host:
            raise Refusal(api_error(400, "BAD_REQUEST"))
        user = ApiUser(reference, callback_host=host, target_environment="sandbox", provisioned=True)
        if not self._accounts.register(user):
            raise Refusal(api_error(409, "RESOURCE_ALREADY_EXIST", DUPLICATE))
        return Answer(201)

    def show_user(self, request: Request, context: Context) -> Answer:
        user = self._provisioned(request, context)
        return json_answer(
            200, {"providerCallbackHost": user.callback_host, "targetEnvironment": user.target_environment}
        )

    def create_key(self, request: Request, context: Context) -> Answer:
        return json_answer(201, {"apiKey": self._accounts.new_key(self._provisioned(request, context))})

    def _provisioned(self, request: Request, context: Context) -> ApiUser:
        self._require_any_subscription(request)
        user = self._accounts.find(context.arguments["api_user"])
        if user is None or not user.provisioned:
            raise Refusal(api_error(404, "RESOURCE_NOT_FOUND", NOT_FOUND))
        return user

    def _require_any_subscription(self, request: Request) -> None:
        if not request.headers.get("ocp-apim-subscription-key"):
            raise Refusal(gateway_error(401, BAD_SUBSCRIPTION))

    # --- signing in

    def token(self, request: Request, context: Context) -> Answer:
        product, switches = context.arguments["product"], context.switches
        self._require_subscription(request, product)
        if request.body:
            raise Refusal(api_error(400, "BAD_REQUEST", "The token endpoint takes no body."))
        name, _, key = _basic(request.headers.get("authorization", "")).partition(":")
        lifetime = switches["token_expires_seconds"]
        strict = switches["strict_credentials"]
        token = self._accounts.sign_in(name, key, product, lifetime=lifetime, strict=strict)
        if not name or token is None:
            raise Refusal(json_answer(401, {"error": "login_failed"}))
        return json_answer(200, {"access_token": token.bearer, "token_type": "access_token", "expires_in": lifetime})

    def _require_subscription(self, request: Request, product: str) -> None:
        if not self._accounts.owns_product(request.headers.get("ocp-apim-subscription-key", ""), product):
            raise Refusal(gateway_error(401, BAD_SUBSCRIPTION))

    def signed_in(self, request: Request, product: str) -> ApiUser:
        self._require_subscription(request, product)
        scheme, _, bearer = request.headers.get("authorization", "").partition(" ")
        user = self._accounts.bearer(bearer, product) if scheme == "Bearer" else None
        if user is None:
            raise Refusal(gateway_error(401, "Unauthorized. Access token is missing, invalid or expired."))
        environment = request.headers.get("x-target-environment", "")
        if not environment:
            raise Refusal(json_answer(400, {"error": "Invalid or missing X-Target-Environment header"}))
        allowed = user.target_environment or environment
        if environment not in CURRENCY_BY_ENVIRONMENT or environment != allowed:
            raise Refusal(
                api_error(500, "NOT_ALLOWED_TARGET_ENVIRONMENT", "Access to target environment is forbidden.")
            )
        return user


def reference_of(request: Request) -> str:
    """X-Reference-Id, which must be a UUID of version 4."""
    reference = request.headers.get("x-reference-id", "")
    if not _UUID4.fullmatch(reference):
        raise Refusal(api_error(400, "BAD_REQUEST", "X-Reference-Id is not a UUID v4."))
    return reference


def currency_of(request: Request) -> str:
    """The one currency of the environment that the request was let in for."""
    return CURRENCY_BY_ENVIRONMENT[request.headers["x-target-environment"]]


def _basic(authorization: str) -> str:
    scheme, _, encoded = authorization.partition(" ")
    try:
        return base64.b64decode(encoded, validate=True).decode() if scheme == "Basic" else ""
    except ValueError:
        return ""
