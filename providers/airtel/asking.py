"""How anything is asked of Airtel: signed in, and once more with a fresh token when the first one was rejected."""

from collections.abc import Callable
from dataclasses import dataclass
from math import inf

from providers.airtel import messages, wire
from providers.airtel.credentials import missing
from providers.airtel.keys import KeyCache, read_key
from providers.airtel.tokens import READING as SIGN_IN
from providers.airtel.tokens import TokenCache
from providers.base import Account, Exchange, Outcome
from providers.clock import steady_seconds
from providers.http import Answer, HttpClient, get_client
from providers.recording import Request
from providers.tokens import Grant, Minted, Token

# What makes the message, once there is a token to put into it.
Message = Callable[[str], Request]


@dataclass(frozen=True, slots=True)
class Reply:
    """What asking came to: an answer, or the refusal that kept the message from being sent."""

    answer: Answer | None
    refusal: Outcome
    exchanges: tuple[Exchange, ...] = ()


class Line:
    """Thread-safe; holds the tokens and keys of every account."""

    def __init__(self, client: HttpClient | None, tokens: TokenCache, keys: KeyCache) -> None:
        self._own_client, self._tokens, self._keys = client, tokens, keys

    @property
    def _client(self) -> HttpClient:
        """Asked for each time: after a fork, the process has a new one."""
        return self._own_client or get_client()

    def ask(self, account: Account, message: Message, *, send_before: float = inf) -> Reply:
        """Send a message. It goes out twice only after a 401, which proves that the first was not taken."""
        if names := missing(account.credentials):
            return Reply(None, wire.missing_credentials(names))
        reply = Reply(None, SIGN_IN.otherwise)
        for _ in range(2):
            grant = self._tokens.get(account, self._client)
            exchanges = reply.exchanges + grant.exchanges
            if grant.token is None:
                return Reply(None, grant.refusal, exchanges)
            # Token and key may have taken long, or the machine slept: see Instruction.send_before.
            if steady_seconds() > send_before:
                return Reply(None, wire.TOO_LATE, exchanges)
            answer = self._client.send(message(grant.token.bearer), account.timeouts)
            reply = Reply(answer, grant.refusal, (*exchanges, answer.exchange))
            if answer.error or answer.status != 401:
                break
            self._tokens.reject(account, grant.token)
        return reply

    def public_key(self, account: Account) -> Grant:
        """The account's own copy of Airtel's key, or the one that Airtel gives out; as the `bearer` of a token."""
        if own := account.credentials.get("public_key"):
            return Grant(Token(own, inf, inf), SIGN_IN.otherwise)
        return self._keys.get(account, lambda: self._fetch_key(account))

    def reject_public_key(self, account: Account, key: Token) -> None:
        self._keys.reject(account, key)

    def _fetch_key(self, account: Account) -> Minted:
        reply = self.ask(account, lambda bearer: messages.public_key(account, bearer))
        if reply.answer is None:
            return Minted("", 0.0, reply.refusal, reply.exchanges)
        return read_key(reply.answer, reply.exchanges)
