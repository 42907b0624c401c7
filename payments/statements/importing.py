"""A file becomes a statement: uploaded, mapped, checked to the last line, then imported as a whole or not at all."""

import hashlib
from dataclasses import dataclass
from datetime import datetime

from django.db import IntegrityError, connection, transaction
from django.utils import timezone

from payments import audit
from payments.errors import InvalidState, NotFound, Refusal
from payments.models import LedgerEntry, ProviderAccount, Statement, StatementItem, StatementLine
from payments.statements.layout import Layout
from payments.statements.matching import lock_statement, match
from payments.statements.parsing import Parsed, Trouble, as_row, check_layout, parse
from payments.statements.reading import LARGEST_BYTES, Table, UnreadableFile, read_table
from payments.statements.saved_layouts import save_layout

_BATCH = 2_000


class SeenBefore(InvalidState):
    """The very same file was uploaded for this account before."""

    def __init__(self, statement_id: str) -> None:
        super().__init__("This very file was uploaded before.")
        self.statement_id = statement_id


class BadLayout(Refusal):
    """The mapping cannot be used; `problems` say why."""

    def __init__(self, problems: list[str]) -> None:
        super().__init__(" ".join(problems))
        self.problems = problems


class BadLines(Refusal):
    """Nothing was imported: some lines cannot be read. `count` of them; `troubles` has the first ones."""

    def __init__(self, troubles: list[Trouble], count: int) -> None:
        super().__init__(f"{count} lines cannot be read, so nothing was imported.")
        self.troubles, self.count = troubles, count


@dataclass(frozen=True, slots=True)
class Period:
    """`end` is the first moment after it. Both aware."""

    start: datetime
    end: datetime


def upload(
    *, provider_account_id: str, livemode: bool, file_name: str, content: bytes, actor: str, ip: str = "",
    request_id: str = "",
) -> Statement:  # fmt: skip
    """Keep a file that can be read as a table. Raises NotFound, UnreadableFile, SeenBefore."""
    account = ProviderAccount.objects.filter(pk=provider_account_id, livemode=livemode).first()
    if account is None:
        raise NotFound("There is no such provider account.")
    if len(content) > LARGEST_BYTES:
        raise UnreadableFile(f"The file is larger than {LARGEST_BYTES // 1024 // 1024} MB. Split it by period.")
    sha256 = hashlib.sha256(content).hexdigest()
    _refuse_second(account.pk, sha256)
    table = read_table(content)
    try:
        with transaction.atomic():
            statement = Statement.objects.create(
                livemode=livemode, provider=account.provider, provider_account_id=account.pk, sha256=sha256,
                file_name=file_name.replace("\0", "")[-200:] or "statement.csv", file=content, encoding=table.encoding,
                delimiter=table.delimiter, uploaded_by=actor,
            )  # fmt: skip
            audit.record(
                actor=actor, action="statement.uploaded", target=statement.pk, livemode=livemode, ip=ip,
                request_id=request_id, after={"file": statement.file_name, "sha256": sha256, "bytes": len(content)},
            )  # fmt: skip
    except IntegrityError:
        _refuse_second(account.pk, sha256)  # two people at once
        raise
    return statement


def table_of(statement: Statement) -> Table:
    """The file of an uploaded statement as rows."""
    return read_table(bytes(statement.file))


def read(statement: Statement, layout: Layout) -> Parsed:
    """The file through the layout, for a preview or an import. Raises BadLayout."""
    table = table_of(statement)
    if problems := check_layout(layout, table.header.cells):
        raise BadLayout(problems)
    return parse(table, layout)


def import_statement(
    *, statement_id: str, livemode: bool, layout: Layout, layout_name: str, period: Period, actor: str, ip: str = "",
    request_id: str = "",
) -> Statement:  # fmt: skip
    """Make lines of the file and compare them, in one transaction.

    Raises NotFound, InvalidState, BadLayout, BadLines, and Refusal for a period that overlaps another one.
    """
    if period.end <= period.start:
        raise Refusal("The period ends before it begins.")
    with transaction.atomic():
        statement = lock_statement(statement_id, livemode=livemode, state=Statement.UPLOADED)
        parsed = read(statement, layout)
        if parsed.trouble_count:
            raise BadLines(parsed.troubles, parsed.trouble_count)
        is_proven = save_layout(statement, layout, layout_name, actor)
        values = {
            "state": Statement.OPEN, "currency": layout.default_currency, "layout": layout.to_json(),
            "layout_name": layout_name, "is_layout_proven": is_proven, "period_start": period.start,
            "period_end": period.end, "line_count": len(parsed.lines), "imported_by": actor,
            "imported_at": timezone.now(),
        }  # fmt: skip
        _set(statement, values)
        rows = [as_row(line, statement=statement) for line in parsed.lines]
        StatementLine.objects.bulk_create(rows, batch_size=_BATCH)
        _tell_planner()
        match(statement)
        audit.record(
            actor=actor, action="statement.imported", target=statement.pk, livemode=livemode, ip=ip,
            request_id=request_id,
            after={"lines": len(rows), "layout": layout_name, "proven": is_proven, "sha256": statement.sha256},
        )  # fmt: skip
    return statement


def discard(*, statement_id: str, livemode: bool, actor: str, ip: str = "", request_id: str = "") -> None:
    """Forget a statement that is not closed and from which nothing was booked. Raises NotFound, InvalidState."""
    with transaction.atomic():
        statement = Statement.objects.select_for_update().filter(pk=statement_id, livemode=livemode).first()
        if statement is None:
            raise NotFound(f"There is no statement {statement_id}.")
        if statement.state == Statement.CLOSED:
            raise InvalidState("This period is closed: its statement stays.")
        if LedgerEntry.objects.filter(object_id=statement.pk).exists():
            raise InvalidState("A settlement of this statement is booked, so the statement stays.")
        StatementItem.objects.filter(statement=statement).delete()
        statement.exceptions.all().delete()
        StatementLine.objects.filter(statement=statement).delete()
        audit.record(
            actor=actor, action="statement.discarded", target=statement.pk, livemode=livemode, ip=ip,
            request_id=request_id, before={"file": statement.file_name, "sha256": statement.sha256},
        )  # fmt: skip
        statement.delete()


def _tell_planner() -> None:
    """Autovacuum cannot see these lines yet, and plans made when the table was small would look at all for each."""
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE payments_statementline")


def _refuse_second(account_id: str, sha256: str) -> None:
    first = Statement.objects.filter(provider_account_id=account_id, sha256=sha256).values_list("pk", flat=True).first()
    if first:
        raise SeenBefore(first)


def _set(statement: Statement, values: dict[str, object]) -> None:
    for name, value in values.items():
        setattr(statement, name, value)
    try:
        with transaction.atomic():
            statement.save(update_fields=list(values))
    except IntegrityError as error:
        if "overlaps" not in str(error):
            raise
        raise Refusal("The period overlaps that of another statement of this account and currency.") from error
