"""What the page of a payment, payout or refund says about its alarms and proposals, and offers to do."""

from dataclasses import dataclass

from payments.models import Payment, Resolution
from payments.selectors.attention import STOPPED, is_alarm_over, last_alarm, sort_of
from payments.selectors.reports import last_report
from payments.selectors.resolutions import resolutions_of
from portal.access import MerchantRequest, may
from portal.places import url_of
from portal.reports import reported
from portal.words import alarm_words


@dataclass(frozen=True, slots=True)
class Care:
    """Texts are "" and addresses are "" where there is nothing to say or to do."""

    waiting: Resolution | None
    proposal_url: str
    settle_url: str
    alarm: str  # in words for people
    alarm_reason: str  # as it was recorded, one of those of payments/decisions.py or a network's own sentence
    report: str  # what we asked for beside what the network reports, while somebody has to look
    nothing_moved: bool  # it failed for a reason of the merchant's own: no alarm, but something to put right
    seen_url: str
    settled_by: Resolution | None  # what two people decided, if it ended by that


def care_of(request: MerchantRequest, payment: Payment) -> Care:
    history = resolutions_of(payment)
    waiting = next((each for each in history if each.state == Resolution.PROPOSED), None)
    can_settle = payment.status == "unknown" and waiting is None and may(request, "unknowns.propose")
    can_mark = is_alarm_over(payment) and may(request, "alarms.acknowledge")
    alarm = last_alarm(payment)
    reason = alarm.reason if alarm else ""
    decided = (each for each in history if each.state == Resolution.APPROVED and each.outcome == payment.status)
    return Care(
        waiting=waiting,
        proposal_url=url_of(request, "attention_proposal", waiting.id) if waiting else "",
        settle_url=url_of(request, "attention_settle", payment.id) if can_settle else "",
        alarm=alarm_words(reason) or ("Somebody should look at how it ended." if is_alarm_over(payment) else ""),
        alarm_reason=reason,
        report=reported(payment, last_report(payment)) if payment.attention_at else "",
        nothing_moved=sort_of(payment, is_proposed=waiting is not None, alarm=reason) == STOPPED,
        seen_url=url_of(request, "attention_seen", payment.id) if can_mark else "",
        settled_by=next(decided, None),
    )
