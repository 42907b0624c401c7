"""One busy merchant beside a hundred that share the same load: a lock per merchant on the hot path would show here."""

from statistics import median

from bench import http_load
from bench.report import Figure, ratio
from bench.requests import posts
from tests.processes import eventually, installation
from tests.world import Merchant, make_merchant

ROUNDS, SECONDS, CONNECTIONS, MERCHANTS = 3, 4, 16, 100


def measure() -> list[Figure]:
    """ENGINEERING.md P6."""
    merchants = [make_merchant(f"spread-{number}") for number in range(MERCHANTS)]
    with installation("web", THROTTLE_LIMIT="100000000", WEB_WORKERS="2", LOG_LEVEL="WARNING") as home:
        eventually(home.is_alive, within_seconds=30)
        _rate(home.port, merchants)  # every process has seen every merchant
        one, many = [], []
        for _ in range(ROUNDS):
            one.append(_rate(home.port, merchants[:1]))
            many.append(_rate(home.port, merchants))
    against = f"the same load over {MERCHANTS} merchants"
    return [Figure("payments_accepted_one_hot_merchant", median(one), "payments/s", ratio(one, many), against)]


def _rate(port: int, merchants: list[Merchant]) -> float:
    done = http_load.run(port=port, make_request=posts(merchants), connections=CONNECTIONS, for_seconds=SECONDS)
    if set(done.statuses) != {201}:
        raise RuntimeError(f"expected nothing but 201, got {done.statuses}")
    return done.rate
