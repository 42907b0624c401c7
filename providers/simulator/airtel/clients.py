"""Airtel's applications: who may sign in, with what settings from the portal, and the tokens handed out."""

import hmac
import secrets
import threading
from dataclasses import asdict, dataclass
from typing import Any

from providers.simulator.books import Books
from providers.simulator.clock import Clock

# A secret that begins so is always refused: a handy way to play wrong credentials.
WRONG_PREFIX = "wrong"


@dataclass(slots=True)
class Client:
    """One application. Empty fields are not set in the portal."""

    client_id: str
    client_secret: str = ""
    callback_url: str = ""
    callback_secret: str = ""
    message_signing: bool = False


class Clients:
    """Thread-safe. Unless strict, an unknown application is created by its first sign-in and keeps that secret."""

    def __init__(self, books: Books, clock: Clock) -> None:
        self._books, self._clock, self._lock = books, clock, threading.Lock()
        self._clients: dict[str, Client] = {}
        self._tokens: dict[str, tuple[Client, float]] = {}
        for facts in books.accounts:
            self._clients[facts["client_id"]] = Client(**facts)

    def register(self, client: Client) -> None:
        """As the portal does: new settings take the place of older ones, and outlive a restart."""
        with self._lock:
            self._clients[client.client_id] = client
            self._tokens = {
                bearer: held for bearer, held in self._tokens.items() if held[0].client_id != client.client_id
            }
        self._books.note_account(asdict(client))

    def find(self, client_id: str) -> Client | None:
        with self._lock:
            return self._clients.get(client_id)

    def sign_in(self, client_id: str, client_secret: str, *, lifetime: float, strict: bool) -> str | None:
        """A new bearer token, or None."""
        if client_secret.startswith(WRONG_PREFIX):
            return None
        with self._lock:
            client = self._clients.get(client_id)
            if client is None and not strict:
                client = self._clients[client_id] = Client(client_id)
            if client is None:
                return None
            client.client_secret = client.client_secret or client_secret
            if not hmac.compare_digest(client.client_secret.encode(), client_secret.encode()):
                return None
            bearer = secrets.token_urlsafe(24)
            self._tokens[bearer] = (client, self._clock.monotonic() + lifetime)
            return bearer

    def bearer(self, bearer: str) -> Client | None:
        """Whose token this is, if it still works."""
        with self._lock:
            client, ends_at = self._tokens.get(bearer, (None, 0.0))
            return client if self._clock.monotonic() < ends_at else None

    def revoke_tokens(self) -> int:
        with self._lock:
            count = len(self._tokens)
            self._tokens.clear()
            return count

    def as_json(self) -> list[dict[str, Any]]:
        with self._lock:
            return [{"network": "airtel", **asdict(client)} for client in self._clients.values()]

    def clear(self) -> None:
        with self._lock:
            self._clients.clear()
            self._tokens.clear()
