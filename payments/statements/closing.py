"""Closes a period: nothing is open any more, the certificate is written, and the database freezes it all."""

from decimal import Decimal

from django.db import transaction
from django.utils import timezone

from payments import audit
from payments.errors import InvalidState
from payments.models import Statement, StatementException, StatementItem
from payments.representation import timestamp
from payments.statements import certificate
from payments.statements.facts import ZERO
from payments.statements.findings import REST
from payments.statements.matching import lock_statement, match


class StillOpen(InvalidState):
    """So many lines need a person first."""

    def __init__(self, count: int) -> None:
        super().__init__(f"{count} lines are still open. Link, accept or write off each of them first.")
        self.count = count


def close(*, statement_id: str, livemode: bool, actor: str, ip: str = "", request_id: str = "") -> Statement:
    """Compare one last time, certify and freeze. Raises NotFound, InvalidState, StillOpen."""
    with transaction.atomic():
        statement = lock_statement(statement_id, livemode=livemode)
        now = timezone.now()
        if statement.period_end is None or statement.period_end > now:
            raise InvalidState("The period is not over yet.")
        match(statement)
        if count := StatementItem.objects.filter(statement=statement, is_open=True).count():
            raise StillOpen(count)
        StatementException.objects.filter(statement=statement, state=StatementException.PROPOSED).update(
            state=StatementException.OVERTAKEN, decided_at=now
        )
        content = certificate.write(statement, closed_by=actor, closed_at=timestamp(now))
        _must_be_accepted(statement, unexplained=Decimal(content["equation"]["unexplained"]))
        text = certificate.canonical(content)
        statement.state, statement.closed_by, statement.closed_at = Statement.CLOSED, actor, now
        statement.certificate, statement.certificate_sha256 = text, certificate.sha256_of(text)
        statement.save(update_fields=["state", "closed_by", "closed_at", "certificate", "certificate_sha256"])
        audit.record(
            actor=actor, action="statement.closed", target=statement.pk, livemode=livemode, ip=ip,
            request_id=request_id, after={"certificate_sha256": statement.certificate_sha256},
        )  # fmt: skip
    return statement


def _must_be_accepted(statement: Statement, *, unexplained: Decimal) -> None:
    """The ledger is read anew for the certificate; only a rest that two people saw may stand in it."""
    seen = StatementItem.objects.filter(statement=statement, finding=REST).values_list("difference", flat=True).first()
    if unexplained != (seen or ZERO):
        raise InvalidState("Our ledger moved in this period just now. Compare again, and close it then.")
