"""What every simulated network is made of: addresses, faults that stand before them, and its own words for errors."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from email.utils import formatdate

from providers.simulator.clock import Clock
from providers.simulator.faults import Faults
from providers.simulator.messages import Answer, Refusal, Request, html_error
from providers.simulator.switches import FAULTS, Switches

# What no network words in its own way. A network's own answers are added to these.
_COMMON_ANSWERS: Mapping[str, Answer] = {
    "reset": Answer(0, ending="reset"),
    "hang": Answer(0, ending="hang"),
    "html_403": html_error(403, "403 Forbidden"),
    "bad_gateway_502": html_error(502, "502 Bad Gateway"),
    "html_503": html_error(503, "503 Service Unavailable"),
    "timeout_408": html_error(408, "408 Request Time-out"),
    "timeout_504": html_error(504, "504 Gateway Time-out"),
    "garbage": Answer(200, b"<<<not json", "application/json"),
    "empty_200": Answer(200),
}


@dataclass(frozen=True, slots=True)
class Context:
    """What a handler needs to know beside the request."""

    arguments: Mapping[str, str]
    switches: Switches


Handler = Callable[[Request, Context], Answer]
# What a fault rule can match: phone, external_id, reference. From the body of a new request, or from the books.
Facts = Callable[[Request, Mapping[str, str]], Mapping[str, str]]


def _always(_: Request) -> bool:
    return True


@dataclass(frozen=True, slots=True)
class Route:
    """`when`: which requests, where one address does several things."""

    method: str
    path: re.Pattern[str]
    operation: str
    handler: Handler
    when: Callable[[Request], bool] = _always


def route(
    method: str, path: str, operation: str, handler: Handler, *, when: Callable[[Request], bool] = _always
) -> Route:
    return Route(method, re.compile(path), operation, handler, when)


class Network:
    """`gate` refuses what no address of the network lets pass; `unknown_path` answers for every other address.

    `coded_answer` is a failure with a code that somebody chose.
    """

    def __init__(
        self,
        name: str,
        *,
        prefix: str,
        routes: Sequence[Route],
        facts: Facts,
        faulty_answers: Mapping[str, Answer],
        coded_answer: Callable[[str, Request], Answer],
        unknown_path: Answer,
        gate: Callable[[Request], None] = lambda _: None,
    ) -> None:
        self.name, self.unknown_path, self.facts, self.gate = name, unknown_path, facts, gate
        self._prefix, self._routes = re.compile(prefix), tuple(routes)
        self._coded_answer, self._faulty_answers = coded_answer, {**_COMMON_ANSWERS, **faulty_answers}
        if missing := set(FAULTS) - set(self._faulty_answers):
            raise ValueError(f"{name} has no words for {', '.join(sorted(missing))}")

    def serves(self, path: str) -> bool:
        return self._prefix.match(path) is not None

    def find(self, request: Request) -> tuple[Route | None, Mapping[str, str]]:
        path = re.sub("/{2,}", "/", request.path)
        for each in self._routes:
            found = each.path.fullmatch(path) if each.method == request.method else None
            if found and each.when(request):
                return each, found.groupdict()
        return None, {}

    def faulty_answer(self, request: Request, switches: Switches) -> Answer | None:
        """What to send in place of the right answer, if anything."""
        if switches["answer_code"] and switches["answer"] == "normal":
            return self._coded_answer(switches["answer_code"], request)
        faulty = self._faulty_answers.get(switches["answer"])
        return replace(faulty, hang_seconds=switches["hang_seconds"]) if faulty else None


class Networks:
    """All networks behind one port: the first that serves an address answers it."""

    def __init__(self, networks: Sequence[Network], faults: Faults, clock: Clock) -> None:
        self._networks, self._faults, self._clock = networks, faults, clock

    def handle(self, request: Request, wait: Callable[[float], object]) -> tuple[str, str, Answer]:
        """The network, the operation that was asked for, and its answer. `wait` sleeps, but not past a shutdown."""
        network = next(each for each in self._networks if each.serves(request.path))
        found, arguments = network.find(request)
        if found is None:
            return network.name, "", network.unknown_path
        switches = self._faults.switches(found.operation, network=network.name, **network.facts(request, arguments))
        if switches["answer_delay_seconds"]:
            wait(switches["answer_delay_seconds"])
        answer = network.faulty_answer(request, switches)
        if answer is None or switches["executes"] in {"now", "late"}:
            right = _right_answer(network, found, request, Context(arguments, switches))
            answer = answer or right
        return network.name, found.operation, self._dated(answer, switches)

    def _dated(self, answer: Answer, switches: Switches) -> Answer:
        """The answer as a network writes it whose clock is wrong, or whose Retry-After is a moment."""
        now, headers = self._clock.now() + switches["clock_skew_seconds"], dict(answer.headers)
        if switches["clock_skew_seconds"]:
            headers["Date"] = formatdate(now, usegmt=True)
        if switches["retry_after_as_date"] and "Retry-After" in headers:
            headers["Retry-After"] = formatdate(now + int(headers["Retry-After"]), usegmt=True)
        return answer if headers == answer.headers else replace(answer, headers=headers)


def _right_answer(network: Network, found: Route, request: Request, context: Context) -> Answer:
    try:
        network.gate(request)
        return found.handler(request, context)
    except Refusal as refusal:
        return refusal.answer
