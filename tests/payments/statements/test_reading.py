"""Files as providers send them: encodings, delimiters, letterheads, figures, times, and everything that is wrong."""

from datetime import UTC, datetime
from decimal import Decimal

import pytest

from payments.models import StatementLine
from payments.statements.figures import read_amount, read_phone, read_time
from payments.statements.layout import MOVED_WORDS, Layout, guess
from payments.statements.parsing import check_layout, parse
from payments.statements.reading import UnreadableFile, read_table

PLAIN = "Date,Ref,Amount\n2026-03-10 10:00:00,A1,5.00\n2026-03-10 11:00:00,A2,-2.50\n"
LAYOUT = Layout(date="Date", provider_reference="Ref", amount="Amount")


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
def test_an_encoding_is_found_out(encoding: str) -> None:
    table = read_table(PLAIN.replace("Ref", "Référence").encode(encoding))
    assert table.header.cells == ("Date", "Référence", "Amount")


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_a_delimiter_is_found_out(delimiter: str) -> None:
    table = read_table(PLAIN.replace(",", delimiter).encode())
    assert table.delimiter == delimiter
    assert [row.cells[1] for row in table.rows] == ["A1", "A2"]


def test_decimal_commas_do_not_pass_for_a_delimiter() -> None:
    table = read_table(b"Date;Ref;Amount\n10/03/2026;A1;1.250,00\n10/03/2026;A2;3,50\n")
    assert table.delimiter == ";"
    assert table.rows[0].cells[2] == "1.250,00"


def test_a_letterhead_and_empty_lines_are_passed_over() -> None:
    table = read_table(f"Statement of account\nAcme Ltd\n\n{PLAIN}".encode())
    assert table.header.number == 4
    assert [row.number for row in table.rows] == [5, 6]


def test_line_numbers_are_those_of_an_editor_even_after_a_cell_of_two_lines() -> None:
    table = read_table(b'Date,Ref,Amount\n2026-03-10,"A\n1",5.00\n2026-03-10,A2,6.00\n')
    assert [row.number for row in table.rows] == [2, 4]


def test_too_many_lines_are_refused() -> None:
    with pytest.raises(UnreadableFile, match="more than 50,000 lines"):
        read_table(b"a,b\n" + b"1,2\n" * 50_002)


@pytest.mark.parametrize(
    ("text", "mark", "value"),
    [
        ("1,250.00", ".", "1250.00"),
        ("-1,250.5", ".", "-1250.50"),
        ("(42.00)", ".", "-42.00"),
        ("42.00-", ".", "-42.00"),
        ("\u22127", ".", "-7.00"),
        ("K 1 250.00", ".", "1250.00"),
        ("ZMW12", ".", "12.00"),
        ("1.250,75", ",", "1250.75"),
        ("12.5000", ".", "12.50"),
    ],
)
def test_amounts_are_exact(text: str, mark: str, value: str) -> None:
    assert str(read_amount(text, decimal_mark=mark)) == value


@pytest.mark.parametrize("text", ["", "abc", "1.2.3", "12.345", "1,25.00", "(5", "1e3", "NaN", "9" * 20, "1.250,00"])
def test_what_is_no_amount_is_refused_and_never_guessed(text: str) -> None:
    with pytest.raises(ValueError, match="“"):
        read_amount(text, decimal_mark=".")


@pytest.mark.parametrize(
    ("text", "date_format", "utc"),
    [
        ("2026-03-10 01:30:00", "iso", datetime(2026, 3, 9, 23, 30, tzinfo=UTC)),
        ("2026-03-10T01:30:00Z", "iso", datetime(2026, 3, 10, 1, 30, tzinfo=UTC)),
        ("2026-03-10T01:30:00+03:00", "iso", datetime(2026, 3, 9, 22, 30, tzinfo=UTC)),
        ("10/03/2026 01:30", "%d/%m/%Y %H:%M:%S", datetime(2026, 3, 9, 23, 30, tzinfo=UTC)),
        ("03/10/2026", "%m/%d/%Y %H:%M:%S", datetime(2026, 3, 9, 22, 0, tzinfo=UTC)),
    ],
)
def test_times_are_in_the_chosen_zone_unless_they_say_their_own(text: str, date_format: str, utc: datetime) -> None:
    assert read_time(text, date_format=date_format, utc_offset_minutes=120) == utc


@pytest.mark.parametrize("text", ["yesterday", "31/02/2026 10:00:00", "0001-01-01 00:00:00", "9999-12-31 23:59:59"])
def test_what_is_no_date_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="“"):
        read_time(text, date_format="iso", utc_offset_minutes=120)


def test_phones_are_their_digits() -> None:
    assert read_phone("+260 96-612 3456") == read_phone("00260966123456") == "260966123456"
    assert read_phone("n/a") == ""


def test_separate_columns_for_in_and_out() -> None:
    table = read_table(b"Date,Ref,In,Out\n2026-03-10,A1,5.00,\n2026-03-10,A2,,3.00\n2026-03-10,A3,1,1\n")
    parsed = parse(table, Layout(date="Date", provider_reference="Ref", amount_in="In", amount_out="Out"))
    assert [(line.kind, line.amount) for line in parsed.lines] == [("in", Decimal("5.00")), ("out", Decimal("-3.00"))]
    assert [(trouble.number, trouble.text) for trouble in parsed.troubles] == [
        (4, "It has both money in and money out.")
    ]


def test_a_type_gives_an_unsigned_amount_its_sign() -> None:
    table = read_table(b"Date,Ref,Amount,Type\n2026-03-10,A1,5.00,Payout\n2026-03-10,A2,5.00,Sale\n")
    words = {"payout": StatementLine.OUT, "sale": StatementLine.IN}
    parsed = parse(table, Layout(date="Date", provider_reference="Ref", amount="Amount", type="Type", words=words))
    assert [line.amount for line in parsed.lines] == [Decimal("-5.00"), Decimal("5.00")]


@pytest.mark.parametrize(
    ("cells", "trouble"),
    [
        ("2026-03-10,A1", "It has 2 cells where the heading has 4."),
        (",A1,5.00,SUCCESS", "It has no date."),
        ("2026-03-10,A1,,SUCCESS", "It has no amount."),
        ("2026-03-10,A1,0.00,SUCCESS", "Its amount is zero."),
        ("2026-03-10,A1,5.00,PERHAPS", "“PERHAPS” is no status that the mapping knows."),
        (f"2026-03-10,{'A' * 65},5.00,SUCCESS", "Its reference of the provider has more than 64 characters."),
    ],
)
def test_a_bad_line_is_reported_with_its_number_and_what_is_wrong(cells: str, trouble: str) -> None:
    table = read_table(f"Date,Ref,Amount,Status\n2026-03-10,A0,1.00,SUCCESS\n{cells}\nx,y,z,w\n".encode())
    layout = Layout(
        date="Date", provider_reference="Ref", amount="Amount", status="Status", moved_words=MOVED_WORDS,
    )  # fmt: skip
    parsed = parse(table, layout)
    assert (parsed.troubles[0].number, parsed.troubles[0].text) == (3, trouble)
    assert parsed.trouble_count == 2


def test_a_layout_says_what_it_lacks() -> None:
    assert check_layout(LAYOUT, ("Date", "Ref", "Amount")) == []
    assert "no column “Amount”" in check_layout(LAYOUT, ("Date", "Ref"))[0]
    assert "More than one column" in check_layout(LAYOUT, ("Date", "Ref", "Ref", "Amount"))[0]
    assert len(check_layout(Layout(), ())) == 3


def test_a_layout_survives_being_stored() -> None:
    layout = Layout(date="Date", words={"sale": "in"}, moved_words=MOVED_WORDS)
    assert Layout.from_json(layout.to_json()) == layout


def test_columns_are_guessed_once_each() -> None:
    layout = guess(
        ("Completed at", "Financial Transaction Id", "External Id", "MSISDN", "Paid In", "Withdrawn", "Status")
    )
    assert (layout.date, layout.provider_reference, layout.our_reference) == (
        "Completed at", "Financial Transaction Id", "External Id",
    )  # fmt: skip
    assert (layout.amount, layout.amount_in, layout.amount_out) == ("", "Paid In", "Withdrawn")
