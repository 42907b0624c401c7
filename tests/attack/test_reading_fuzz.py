"""Attack: files that nobody would write. Each is read or refused in words; nothing else comes out."""

import random

from payments.errors import Refusal
from payments.statements.layout import UNPROVEN_MTN, guess
from payments.statements.parsing import as_row, check_layout, parse
from payments.statements.reading import read_table

CELLS = [
    "", " ", "0", "-0", "1e5", "1,000.00", "(5.00)", "(5", "5-", "--5", "999999999999.99", "9999999999999.99", "½", "²",
    "١٢٣", "K 5", "ZMW5.5", "1.005", "5.", ".5", "NaN", "inf", "=1+1", "@SUM(A1)", "+260966000123", "a" * 65, "é" * 64,
    "2026-03-10", "2026-03-10 10:00:00", "2026-03-10T10:00:00Z", "0001-01-01T00:00:00+23:59", "9999-12-31", "2026-W10",
    "Collection", "collection", "Fee", "Settlement", "ZMW", "zmw", "EUR", "XXX", "SUCCESSFUL", "Failed", "PENDING", "\u2028",
    "‮moc", '"', "'", ";", "\x1c", "\x85", "İ", "ß", "1'000", "1\u00a0000,5", "\ud7ff", "\ufeff", "260" + "9" * 12, "9" * 16,
]  # fmt: skip
HEAD = "Date,Financial Transaction Id,External Id,MSISDN,Amount,Fee,Type,Currency,Status"


def test_whatever_is_in_the_cells(db):
    dice = random.Random(5)
    read = 0
    for _ in range(4000):
        good = ["2026-03-10 10:00:00", "1", "2", "260966000123", "5.00", "0", "Collection", "ZMW", "SUCCESSFUL"]
        for _ in range(dice.randint(1, 3)):
            good[dice.randrange(9)] = dice.choice(CELLS)
        row = ",".join('"' + cell.replace('"', '""') + '"' for cell in good)
        content = f"{HEAD}\n{row}\n".encode(dice.choice(["utf-8", "utf-8-sig", "utf-16"]))
        try:
            table = read_table(content)
            if check_layout(UNPROVEN_MTN.layout, table.header.cells):
                continue
            for layout in (UNPROVEN_MTN.layout, guess(table.header.cells)):
                for line in parse(table, layout).lines:
                    found = as_row(line)
                    found.clean_fields(exclude=["statement", "our_reference", "provider_reference", "phone", "status_word"])
                    assert len(found.phone) <= 15
                    read += 1
        except Refusal:
            continue
    assert read > 100
