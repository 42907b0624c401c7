"""The simulator's parts put together, its start and its stop."""

import json
import logging
import signal
import threading
from collections.abc import Callable
from pathlib import Path

from providers.simulator.airtel.access import Access as AirtelAccess
from providers.simulator.airtel.api import airtel
from providers.simulator.airtel.callbacks import CallbackWriter
from providers.simulator.airtel.clients import Clients
from providers.simulator.books import Books
from providers.simulator.callbacks import Callbacks
from providers.simulator.clock import Clock
from providers.simulator.control import PREFIX, ControlApi
from providers.simulator.faults import Faults
from providers.simulator.http_server import HttpServer
from providers.simulator.journal import Journal
from providers.simulator.messages import Answer, Request
from providers.simulator.mtn import bodies
from providers.simulator.mtn.access import Access as MtnAccess
from providers.simulator.mtn.accounts import Accounts
from providers.simulator.mtn.api import mtn
from providers.simulator.networks import Networks
from providers.simulator.page.handlers import PAGE_PREFIX, ControlPage
from providers.simulator.request_log import RequestLog
from providers.simulator.settlement import Settlement
from providers.simulator.timers import Timers
from providers.simulator.world import World
from providers.simulator.zamtel.orders import Orders as ZamtelOrders
from providers.simulator.zamtel.shape_a import shape_a
from providers.simulator.zamtel.shape_b import shape_b

log = logging.getLogger(__name__)


class Simulator:
    """The simulated networks with their HTTP server. Use as a context manager, or `start` and `stop`."""

    def __init__(
        self,
        *,
        host: str = "127.0.0.1",
        port: int = 0,
        seed: int = 0,
        script: str | Path | None = None,
        state: str | Path | None = None,
        fsync: bool = False,
    ) -> None:
        self.faults = Faults(seed)
        if script:
            self.faults.replace(json.loads(Path(script).read_text(encoding="utf-8")))
        self.books = Books(Journal(Path(state) if state else None, fsync=fsync))
        self.clock = Clock(self.books.skipped_seconds)
        self.accounts, self.requests = Accounts(self.clock), RequestLog(self.clock)
        self.timers, self.callbacks = Timers(self.clock), Callbacks()
        self.clients = Clients(self.books, self.clock)
        self.settlement = Settlement(
            self.books, self.timers, self.callbacks, self.faults, self.clock,
            writers={"mtn": bodies.callback, "airtel": CallbackWriter(self.clients)},
        )  # fmt: skip
        zamtel_orders = ZamtelOrders(self.books, self.settlement)
        self.networks = Networks(
            [
                airtel(AirtelAccess(self.clients), self.books, self.settlement),
                shape_a(zamtel_orders),
                shape_b(zamtel_orders),
                mtn(MtnAccess(self.accounts), self.books, self.settlement),
            ],
            self.faults,
            self.clock,
        )
        self.world = World(
            accounts=self.accounts,
            books=self.books,
            callbacks=self.callbacks,
            clients=self.clients,
            clock=self.clock,
            faults=self.faults,
            requests=self.requests,
            settlement=self.settlement,
            timers=self.timers,
        )
        self.control, self.page = ControlApi(self.world), ControlPage(self.world)
        self.stopping = threading.Event()
        self._server = HttpServer((host, port), self.answer, self.clock)
        self.url = f"http://{host}:{self._server.server_address[1]}"
        self._thread = threading.Thread(target=self._server.serve_forever, name="simulator", args=(0.05,))

    def start(self) -> None:
        self.settlement.resume()
        self._thread.start()

    def stop(self) -> None:
        """End every thread and close every socket; what was accepted stays in the journal."""
        self.stopping.set()
        self.settlement.stop()
        self._server.shutdown()
        self._thread.join()
        self._server.hang_up()
        self._server.server_close()
        self.timers.stop()
        self.callbacks.stop()
        self.books.close()

    def __enter__(self) -> "Simulator":
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def answer(self, request: Request, connections: int) -> Answer:
        if request.path.startswith(PREFIX):
            return self.control.handle(request, connections)
        if request.path == "/" or request.path.startswith(PAGE_PREFIX):
            return self.page.handle(request)
        network, operation, answer = self.networks.handle(request, self.stopping.wait)
        self.requests.add(operation, request, answer, network=network)
        return answer


def serve(
    *,
    host: str = "127.0.0.1",
    port: int = 8800,
    seed: int = 0,
    script: str | None = None,
    state: str | None = None,
    fsync: bool = False,
    ready: Callable[[str], object] = log.info,
) -> None:
    """Run until SIGTERM or Ctrl-C. `ready` is called with the URL as soon as requests are answered."""
    wanted = threading.Event()
    before = {each: signal.signal(each, lambda *_: wanted.set()) for each in (signal.SIGTERM, signal.SIGINT)}
    try:
        with Simulator(host=host, port=port, seed=seed, script=script, state=state, fsync=fsync) as simulator:
            ready(simulator.url)
            wanted.wait()
    finally:
        for each, handler in before.items():
            signal.signal(each, handler)
