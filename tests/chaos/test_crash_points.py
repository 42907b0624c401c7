"""kill -9 before and after each commit and each call that the product makes: none of them can break a promise."""

import re

import pytest

from tests.processes import run_apart

pytestmark = pytest.mark.processes
# However the product changes, it commits and calls in these places, or this test no longer looks where it should.
MUST_BE_AMONG = (
    "payments.create._insert for api.payments.create_payment: after write",
    "payments.create._insert for api.payouts.create_payout: after write",
    "payments.create._insert for api.refunds.create_refund: after write",
    "payments.dispatch.commit_intent for dispatch of pay: after commit",
    "payments.reconciliation.apply_outcome for poll of out: before commit",
    "payments.callbacks.receive for api.hooks.callback: before commit",
    "payments.sealer.seal_batch for seal: after commit",
)


def test_a_process_killed_at_any_commit_or_call_breaks_no_promise() -> None:
    done = run_apart("tests.chaos.crash_run")
    assert done.returncode == 0, done.stdout[-6000:] + done.stderr[-4000:]
    died_at = re.findall(r"^killed at +(.+)$", done.stdout, re.MULTILINE)
    assert set(MUST_BE_AMONG) <= set(died_at)
    recorded = re.search(r"^points recorded +(\d+)\nof these, killed at +(\d+)$", done.stdout, re.MULTILINE)
    assert recorded
    assert recorded[1] == recorded[2]
    assert any("after call collect" in point for point in died_at)
