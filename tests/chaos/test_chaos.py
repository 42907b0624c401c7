"""The short chaos run: real processes under traffic, kill -9 every two seconds, two fifths of the exchanges faulty."""

import pytest

from tests.processes import run_apart

pytestmark = pytest.mark.processes


def test_nothing_is_charged_twice_lost_or_contradicted_while_everything_is_killed() -> None:
    done = run_apart("tests.chaos", N="1500", SECONDS="40", KILL_EVERY="2", FAULTS="0.4", SEED="1")
    print(done.stdout)  # noqa: T201 (the figures of the run)
    assert done.returncode == 0, done.stdout[-4000:] + done.stderr[-4000:]
    assert "findings                                 0" in done.stdout
