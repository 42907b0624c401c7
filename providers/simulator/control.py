"""The control API under /_control/: what moved, what was asked, and what shall go wrong."""

import json
import time
from dataclasses import asdict
from typing import Any

from providers.simulator.accounts import Accounts, ApiUser
from providers.simulator.books import Books
from providers.simulator.callbacks import Callbacks
from providers.simulator.faults import Faults
from providers.simulator.messages import Answer, Request, json_answer
from providers.simulator.request_log import RequestLog
from providers.simulator.settlement import Settlement
from providers.simulator.timers import Timers

PREFIX = "/_control/"


class ControlApi:
    def __init__(
        self,
        *,
        accounts: Accounts,
        books: Books,
        callbacks: Callbacks,
        faults: Faults,
        requests: RequestLog,
        settlement: Settlement,
        timers: Timers,
    ) -> None:
        self._accounts, self._books, self._callbacks, self._faults = accounts, books, callbacks, faults
        self._requests, self._settlement, self._timers = requests, settlement, timers
        self._started_at = time.monotonic()
        self._routes = {
            ("GET", "health"): self._health,
            ("GET", "ledger"): self._ledger,
            ("GET", "payments"): self._payments,
            ("GET", "requests"): self._show_requests,
            ("GET", "faults"): self._show_faults,
            ("PUT", "faults"): self._set_faults,
            ("GET", "callbacks"): self._show_callbacks,
            ("POST", "callbacks"): self._forge_callback,
            ("GET", "accounts"): self._show_accounts,
            ("POST", "accounts"): self._register_account,
            ("POST", "revoke_tokens"): self._revoke_tokens,
            ("POST", "approve"): self._approve,
            ("POST", "decline"): self._decline,
            ("POST", "reset"): self._reset,
        }

    def handle(self, request: Request, connections: int) -> Answer:
        """`connections`: how many were opened so far, so that a client's reuse can be measured."""
        name, _, argument = request.path.removeprefix(PREFIX).partition("/")
        route = self._routes.get((request.method, name))
        if route is None:
            return json_answer(404, {"error": f"no such control: {request.method} {request.path}"})
        try:
            answer = route(request, argument)
        except (ValueError, TypeError, KeyError, AttributeError) as error:
            return json_answer(400, {"error": str(error)})
        if name == "health":
            return json_answer(200, {**json.loads(answer.body), "connections": connections})
        return answer

    def _health(self, _: Request, __: str) -> Answer:
        counts = self._requests.counts()
        return json_answer(
            200,
            {
                "status": "ok",
                "uptime_seconds": round(time.monotonic() - self._started_at, 3),
                "requests": sum(counts.values()),
                "operations": counts,
                **self._books.counts(),
            },
        )

    def _ledger(self, request: Request, _: str) -> Answer:
        ledger = self._books.ledger()
        if wanted := request.query.get("external_id"):
            ledger["movements"] = [each for each in ledger["movements"] if each["external_id"] == wanted]
        return json_answer(200, ledger)

    def _payments(self, _: Request, __: str) -> Answer:
        return json_answer(200, {"payments": [asdict(payment) for payment in self._books.payments()]})

    def _show_requests(self, _: Request, __: str) -> Answer:
        return json_answer(200, {"counts": self._requests.counts(), "requests": self._requests.entries()})

    def _show_faults(self, _: Request, __: str) -> Answer:
        return json_answer(200, self._faults.as_json())

    def _set_faults(self, request: Request, _: str) -> Answer:
        self._faults.replace(_object(request))
        return json_answer(200, self._faults.as_json())

    def _show_callbacks(self, _: Request, __: str) -> Answer:
        return json_answer(200, {"callbacks": self._callbacks.sent()})

    def _forge_callback(self, request: Request, _: str) -> Answer:
        """`{"url", "method"?, "body"}`; a body that is not a string is sent as JSON."""
        wanted = _object(request)
        body = wanted["body"] if isinstance(wanted["body"], str) else json.dumps(wanted["body"])
        method = str(wanted.get("method", "PUT"))
        return json_answer(200, self._callbacks.send(method=method, url=wanted["url"], body=body.encode()))

    def _show_accounts(self, _: Request, __: str) -> Answer:
        return json_answer(200, {"accounts": self._accounts.as_json()})

    def _register_account(self, request: Request, _: str) -> Answer:
        """`{"api_user", "api_key", "callback_host"?, "target_environment"?}`"""
        user = ApiUser(**_object(request))
        if not self._accounts.register(user):
            return json_answer(409, {"error": "this api_user exists"})
        return json_answer(201, asdict(user))

    def _revoke_tokens(self, _: Request, __: str) -> Answer:
        return json_answer(200, {"revoked": self._accounts.revoke_tokens()})

    def _approve(self, _: Request, reference: str) -> Answer:
        return self._finish(reference, "SUCCESSFUL", "")

    def _decline(self, _: Request, reference: str) -> Answer:
        return self._finish(reference, "FAILED", "APPROVAL_REJECTED")

    def _finish(self, reference: str, status: str, reason: str) -> Answer:
        payment = self._books.find(reference)
        if payment is None:
            return json_answer(404, {"error": "no such reference"})
        if not self._settlement.finish(reference, status, reason):
            return json_answer(409, {"error": f"already {payment.status}"})
        return json_answer(200, asdict(payment))

    def _reset(self, _: Request, __: str) -> Answer:
        """Back to an empty world, its journal included."""
        self._faults.replace({})
        for part in (self._timers, self._books, self._accounts, self._callbacks, self._requests):
            part.clear()
        return json_answer(200, {"status": "reset"})


def _object(request: Request) -> dict[str, Any]:
    value = request.json_object()
    if value is None:
        raise ValueError("the body is not a JSON object")
    return value
