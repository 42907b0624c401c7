"""Re-sends are paid for by first sends; the purse of one provider is not that of another."""

from payments.retry_budget import EARNED_PER_SEND, MOST_SAVED, RetryBudget


def spent(budget: RetryBudget, provider: str = "mtn") -> int:
    """How many re-sends it allows now."""
    return next(count for count in range(1000) if not budget.spend(provider))


def test_a_fresh_process_may_repeat_a_few() -> None:
    assert spent(RetryBudget()) == MOST_SAVED


def test_ten_first_sends_earn_one_repetition() -> None:
    budget = RetryBudget()
    spent(budget)
    for _ in range(round(3 / EARNED_PER_SEND)):
        budget.earn("mtn")
    assert spent(budget) == 3


def test_no_more_is_saved_than_the_purse_holds() -> None:
    budget = RetryBudget()
    for _ in range(10_000):
        budget.earn("mtn")
    assert spent(budget) == MOST_SAVED


def test_another_provider_has_a_purse_of_its_own() -> None:
    budget = RetryBudget()
    spent(budget, "mtn")
    assert spent(budget, "airtel") == MOST_SAVED
