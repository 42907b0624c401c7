"""A load generator that costs little itself: keep-alive sockets and ready-made requests, one thread a connection."""

import socket
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Load:
    """What a run gave. `seconds`: the latency of each answer, sorted."""

    rate: float
    seconds: list[float]
    statuses: dict[int, int]

    def percentile(self, share: float) -> float:
        return self.seconds[min(len(self.seconds) - 1, int(len(self.seconds) * share))]


def run(
    *,
    port: int,
    make_request: Callable[[], bytes],
    connections: int,
    for_seconds: float,
    per_second: float | None = None,
) -> Load:
    """Send one request after the other on each connection until the time is over.

    per_second: what all connections together offer; None: as much as is answered.
    """
    pause = connections / per_second if per_second else 0.0
    stop_at = time.perf_counter() + for_seconds
    results: list[tuple[int, float]] = []
    threads = [
        threading.Thread(target=_drive, args=(port, make_request, stop_at, pause, results)) for _ in range(connections)
    ]
    started = time.perf_counter()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    elapsed = time.perf_counter() - started
    statuses: dict[int, int] = {}
    for status, _ in results:
        statuses[status] = statuses.get(status, 0) + 1
    return Load(len(results) / elapsed, sorted(seconds for _, seconds in results), statuses)


def _drive(
    port: int, make_request: Callable[[], bytes], stop_at: float, pause: float, results: list[tuple[int, float]]
) -> None:
    with socket.create_connection(("127.0.0.1", port)) as connection:
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        while (begun := time.perf_counter()) < stop_at:
            connection.sendall(make_request())
            status = _read_answer(connection)
            ended = time.perf_counter()
            results.append((status, ended - begun))
            time.sleep(max(0.0, begun + pause - ended))


def _read_answer(connection: socket.socket) -> int:
    data = connection.recv(65536)
    while b"\r\n\r\n" not in data:
        data += connection.recv(65536)
    head, _, body = data.partition(b"\r\n\r\n")
    length = next((int(line[15:]) for line in head.lower().split(b"\r\n") if line.startswith(b"content-length:")), None)
    if length is None:  # sent in chunks; the last one is empty
        while not body.endswith(b"0\r\n\r\n"):
            body += connection.recv(65536)
    else:
        received = len(body)
        while received < length:
            received += len(connection.recv(65536))
    return int(head[9:12])
