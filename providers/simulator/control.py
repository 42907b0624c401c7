"""The control API under /_control/: what moved, what was asked, and what shall go wrong."""

import json
from dataclasses import asdict
from typing import Any

from providers.simulator.airtel.clients import Client
from providers.simulator.callbacks import Message
from providers.simulator.messages import Answer, Request, json_answer
from providers.simulator.mtn.accounts import ApiUser
from providers.simulator.receipts import NETWORKS
from providers.simulator.scripts import scripts_as_json
from providers.simulator.world import World

PREFIX = "/_control/"
COLUMNS = (
    "reference", "external_id", "direction", "kind", "amount", "currency", "phone", "at",
    "financial_transaction_id", "original_reference", "network",
)  # fmt: skip


class ControlApi:
    def __init__(self, world: World) -> None:
        self._world = world
        self._accounts, self._books, self._callbacks, self._faults = (
            world.accounts, world.books, world.callbacks, world.faults
        )  # fmt: skip
        self._requests = world.requests
        self._routes = {
            ("GET", "health"): self._health,
            ("GET", "ledger"): self._ledger,
            ("GET", "payments"): self._payments,
            ("GET", "requests"): self._show_requests,
            ("GET", "faults"): self._show_faults,
            ("PUT", "faults"): self._set_faults,
            ("GET", "scripts"): self._show_scripts,
            ("GET", "clock"): self._show_clock,
            ("POST", "clock"): self._advance_clock,
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
                "uptime_seconds": round(self._world.uptime_seconds(), 3),
                "requests": sum(counts.values()),
                "operations": counts,
                **self._books.counts(),
            },
        )

    def _ledger(self, request: Request, _: str) -> Answer:
        """All of it; `?since=N` (and `limit=M`): from a position on, for runs that are too big to ask for whole.

        `?network=` is the truth of one network alone. `?external_id=` keeps one order's movements. `?compact=1`
        writes each movement as a list, see `columns`.
        """
        query, network = request.query, _network(request)
        if "since" in query or "compact" in query:
            ledger = self._books.ledger_since(int(query.get("since", 0)), _number(query.get("limit")), network)
        else:
            ledger = self._books.ledger(network)
        if wanted := query.get("external_id"):
            ledger["movements"] = [each for each in ledger["movements"] if each["external_id"] == wanted]
        if query.get("compact"):
            ledger["columns"] = list(COLUMNS)
            ledger["movements"] = [[each[name] for name in COLUMNS] for each in ledger["movements"]]
        return json_answer(200, ledger)

    def _payments(self, request: Request, _: str) -> Answer:
        """All, oldest first; with `?limit=N` the newest N, newest first; with `?waiting=1` the unended.

        `?network=` keeps those of one network.
        """
        limit, waiting = _number(request.query.get("limit")), bool(request.query.get("waiting"))
        if limit or waiting:
            payments = self._books.latest(limit, waiting=waiting, network=_network(request))
        else:
            payments = self._books.payments(_network(request))
        return json_answer(200, {"payments": [asdict(payment) for payment in payments]})

    def _show_requests(self, _: Request, __: str) -> Answer:
        return json_answer(200, {"counts": self._requests.counts(), "requests": self._requests.entries()})

    def _show_faults(self, _: Request, __: str) -> Answer:
        return json_answer(200, self._faults.as_json())

    def _set_faults(self, request: Request, _: str) -> Answer:
        self._faults.replace(_object(request))
        return json_answer(200, self._faults.as_json())

    def _show_scripts(self, _: Request, __: str) -> Answer:
        return json_answer(200, {"scripts": scripts_as_json()})

    def _show_clock(self, _: Request, __: str) -> Answer:
        clock = self._world.clock
        return json_answer(200, {"now": clock.now(), "skipped_seconds": clock.skipped_seconds})

    def _advance_clock(self, request: Request, _: str) -> Answer:
        """`{"advance_seconds": 600}`: what is due within that time happens before this answers."""
        self._world.advance(float(_object(request)["advance_seconds"]))
        return self._show_clock(request, "")

    def _show_callbacks(self, _: Request, __: str) -> Answer:
        return json_answer(200, {"callbacks": self._callbacks.sent()})

    def _forge_callback(self, request: Request, _: str) -> Answer:
        """`{"url", "method"?, "body"}`; a body that is not a string is sent as JSON."""
        wanted = _object(request)
        body = wanted["body"] if isinstance(wanted["body"], str) else json.dumps(wanted["body"])
        method = str(wanted.get("method", "PUT"))
        return json_answer(200, self._callbacks.send(Message(method, wanted["url"], body.encode())))

    def _show_accounts(self, _: Request, __: str) -> Answer:
        return json_answer(200, {"accounts": [*self._accounts.as_json(), *self._world.clients.as_json()]})

    def _register_account(self, request: Request, _: str) -> Answer:
        """`{"api_user", "api_key", "callback_host"?, "target_environment"?}` is a user of MTN's.

        `{"network": "airtel", "client_id", "client_secret"?, "callback_url"?, "callback_secret"?, "message_signing"?}`
        is an application of Airtel's, with the settings of its portal; it may be registered again to change them.
        """
        wanted = _object(request)
        network = wanted.pop("network", "mtn")
        if network == "airtel":
            client = Client(**wanted)
            self._world.clients.register(client)
            return json_answer(201, {"network": network, **asdict(client)})
        if network != "mtn":
            raise ValueError("network: mtn or airtel; Zamtel knows everybody")
        user = ApiUser(**wanted)
        if not self._accounts.register(user):
            return json_answer(409, {"error": "this api_user exists"})
        return json_answer(201, asdict(user))

    def _revoke_tokens(self, _: Request, __: str) -> Answer:
        return json_answer(200, {"revoked": self._world.revoke_tokens()})

    def _approve(self, _: Request, reference: str) -> Answer:
        return self._finish(reference, "SUCCESSFUL", "")

    def _decline(self, _: Request, reference: str) -> Answer:
        return self._finish(reference, "FAILED", "APPROVAL_REJECTED")

    def _finish(self, reference: str, status: str, reason: str) -> Answer:
        payment = self._books.find_by_reference(reference)
        if payment is None:
            return json_answer(404, {"error": "no such reference"})
        if not self._world.settlement.finish(payment.key, status, reason):
            return json_answer(409, {"error": f"already {payment.status}"})
        return json_answer(200, asdict(payment))

    def _reset(self, _: Request, __: str) -> Answer:
        """Back to an empty world, its journal included."""
        self._world.reset()
        return json_answer(200, {"status": "reset"})


def _object(request: Request) -> dict[str, Any]:
    value = request.json_object()
    if value is None:
        raise ValueError("the body is not a JSON object")
    return value


def _number(text: str | None) -> int | None:
    return None if text is None else int(text)


def _network(request: Request) -> str:
    """ "" is all of them."""
    network = request.query.get("network", "")
    if network not in {"", *NETWORKS}:
        raise ValueError(f"network: one of {', '.join(NETWORKS)}")
    return network
