"""Who may sign in: API users, subscription keys and the tokens that were handed out."""

import hmac
import secrets
import threading
from dataclasses import asdict, dataclass
from typing import Any

from providers.simulator.clock import Clock

# A key or secret that begins so is always refused: a handy way to play wrong credentials.
WRONG_PREFIX = "wrong"


@dataclass(slots=True)
class ApiUser:
    """Empty fields are not checked."""

    api_user: str
    api_key: str = ""
    callback_host: str = ""
    target_environment: str = ""
    provisioned: bool = False  # made by the sandbox API: it cannot sign in before it has a key


@dataclass(frozen=True, slots=True)
class Token:
    bearer: str
    user: ApiUser
    product: str
    expires_at: float


class Accounts:
    """Thread-safe. Unless strict, unknown users are created by their first sign-in and keep that key."""

    def __init__(self, clock: Clock | None = None) -> None:
        self._clock = clock or Clock()
        self._lock = threading.Lock()
        self._users: dict[str, ApiUser] = {}
        self._products: dict[str, str] = {}  # subscription key -> the product of its first use
        self._tokens: dict[str, Token] = {}

    def register(self, user: ApiUser) -> bool:
        """False when the name is taken."""
        with self._lock:
            if user.api_user in self._users:
                return False
            self._users[user.api_user] = user
            return True

    def find(self, api_user: str) -> ApiUser | None:
        with self._lock:
            return self._users.get(api_user)

    def new_key(self, user: ApiUser) -> str:
        """The older key and its tokens end here."""
        with self._lock:
            user.api_key = secrets.token_hex(16)
            self._drop_tokens(user)
            return user.api_key

    def owns_product(self, subscription_key: str, product: str) -> bool:
        """Each product has its own subscription key; a key belongs to the product that used it first."""
        if not subscription_key or subscription_key.startswith(WRONG_PREFIX):
            return False
        with self._lock:
            return self._products.setdefault(subscription_key, product) == product

    def sign_in(self, api_user: str, api_key: str, product: str, *, lifetime: float, strict: bool) -> Token | None:
        with self._lock:
            user = self._users.get(api_user)
            if user is None and not strict and not api_key.startswith(WRONG_PREFIX):
                user = self._users[api_user] = ApiUser(api_user, api_key)
            if user is None or not user.api_key or not hmac.compare_digest(user.api_key, api_key):
                return None
            token = Token(secrets.token_urlsafe(32), user, product, self._clock.monotonic() + lifetime)
            self._tokens[token.bearer] = token
            return token

    def bearer(self, bearer: str, product: str) -> ApiUser | None:
        """Who presents this token, if it still works for the product."""
        with self._lock:
            token = self._tokens.get(bearer)
            if token is None or token.product != product or self._clock.monotonic() >= token.expires_at:
                return None
            return token.user

    def revoke_tokens(self) -> int:
        with self._lock:
            count = len(self._tokens)
            self._tokens.clear()
            return count

    def as_json(self) -> list[dict[str, Any]]:
        with self._lock:
            return [asdict(user) for user in self._users.values()]

    def clear(self) -> None:
        with self._lock:
            self._users.clear()
            self._products.clear()
            self._tokens.clear()

    def _drop_tokens(self, user: ApiUser) -> None:
        self._tokens = {bearer: token for bearer, token in self._tokens.items() if token.user is not user}
