"""The checker of the chaos runs finds what an engine like ours could do wrong: mistakes planted in real processes."""

import pytest

from tests.processes import run_apart

pytestmark = pytest.mark.processes
# `python -m tests.chaos.sabotage_run` tries all of them.
PLANTED = ("unknown_is_sent_anew", "unknown_is_a_failure", "callbacks_are_believed", "answered_before_written")


def test_mistakes_planted_in_the_running_engine_are_found() -> None:
    done = run_apart("tests.chaos.sabotage_run", *PLANTED)
    assert done.returncode == 0, done.stdout[-4000:] + done.stderr[-4000:]
    assert done.stdout.count(": found, ") == len(PLANTED)
