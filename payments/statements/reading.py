"""From the bytes of a file to rows of text: encoding and delimiter found out, size and lines capped."""

import codecs
import csv
import io
from collections import Counter
from dataclasses import dataclass

from payments.errors import Refusal

LARGEST_BYTES = 8 * 1024 * 1024
MOST_LINES = 50_000
LONGEST_CELL = 2_000
DELIMITERS = (",", ";", "\t", "|")
# A file that says nothing about itself is UTF-8 if it can be, else what a spreadsheet on Windows would have written.
_MARKS = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))
_SAMPLE_LINES = 50


class UnreadableFile(Refusal):
    """Nothing can be made of the file; the message says why and what to do."""


@dataclass(frozen=True, slots=True)
class Row:
    number: int  # of its line in the file, from 1
    cells: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Table:
    """The file as rows. `header` is the first row as wide as most are; what comes before it is a letterhead."""

    encoding: str
    delimiter: str
    header: Row
    rows: tuple[Row, ...]


def read_table(content: bytes) -> Table:
    """Raises UnreadableFile."""
    text, encoding = decode(content)
    delimiter = find_delimiter(text)
    rows = _rows(text, delimiter)
    if len(rows) < 2:
        raise UnreadableFile("The file has no lines below a heading. Export the statement as CSV, with column names.")
    width = Counter(len(row.cells) for row in rows).most_common(1)[0][0]
    if width < 2:
        raise UnreadableFile("The file has a single column. Export the statement as CSV with commas or semicolons.")
    first = next(index for index, row in enumerate(rows) if len(row.cells) == width)
    return Table(encoding=encoding, delimiter=delimiter, header=rows[first], rows=tuple(rows[first + 1 :]))


def decode(content: bytes) -> tuple[str, str]:
    """The text and the name of its encoding. Raises UnreadableFile."""
    if not content.strip():
        raise UnreadableFile("The file is empty.")
    if len(content) > LARGEST_BYTES:
        raise UnreadableFile(f"The file is larger than {LARGEST_BYTES // 1024 // 1024} MB. Split it by period.")
    if content[:4] == b"PK\x03\x04":
        raise UnreadableFile("This is a spreadsheet or a zip file. Save it as CSV and upload that.")
    if content[:4] == b"%PDF":
        raise UnreadableFile("This is a PDF. Ask the provider for the statement as CSV.")
    marked = [encoding for mark, encoding in _MARKS if content.startswith(mark)]
    for encoding in marked or ("utf-8", "cp1252"):
        try:
            text = content.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\0" in text:
            break
        return text, encoding
    raise UnreadableFile("The file is no text in UTF-8, UTF-16 or Windows-1252. Export it as CSV again.")


def find_delimiter(text: str) -> str:
    """What most of the first lines have most alike; the first of DELIMITERS between equals.

    Without the standard library's sniffer: its expressions take minutes for some files of some kilobytes.
    """
    lines = [line for line in text.splitlines()[:_SAMPLE_LINES] if line.strip()]
    scores = {}
    for delimiter in DELIMITERS:
        try:
            counts = Counter(len(row) for row in csv.reader(lines, delimiter=delimiter))
        except csv.Error as error:
            raise UnreadableFile(
                f"A cell of the first lines cannot be read ({error}). Export the file again."
            ) from error
        width, times = max(counts.items(), key=lambda item: (item[1] * (item[0] > 1), item[0]), default=(1, 0))
        scores[delimiter] = (times if width > 1 else 0, width)
    best = max(scores.values())
    return next(delimiter for delimiter in DELIMITERS if scores[delimiter] == best)


def _rows(text: str, delimiter: str) -> list[Row]:
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    rows: list[Row] = []
    begins_at = 1
    while True:
        try:
            cells = next(reader, None)
        except csv.Error as error:
            raise UnreadableFile(f"Line {reader.line_num}: {error}. Check the quotes there.") from error
        if cells is None:
            return rows
        if any(len(cell) > LONGEST_CELL for cell in cells):
            raise UnreadableFile(f"Line {begins_at} has a cell of more than {LONGEST_CELL} characters.")
        if any(cell.strip() for cell in cells):
            rows.append(Row(begins_at, tuple(cell.strip() for cell in cells)))
        if len(rows) > MOST_LINES + 1:
            raise UnreadableFile(f"The file has more than {MOST_LINES:,} lines. Split it by period.")
        begins_at = reader.line_num + 1
