"""A message's body as people can read it: text with payers' numbers masked, or a hex dump of what is no text."""

import re
from dataclasses import dataclass

from portal.templatetags.exchanges import PHONE

LONGEST_SHOWN = 16 * 1024
_BYTES_PER_LINE = 16
# Among bytes, whatever is no ASCII letter or digit ends a number.
_PHONE_IN_BYTES = re.compile(PHONE.pattern.encode())
_UNPRINTABLE = re.compile(r"[^\x20-\x7e]")


@dataclass(frozen=True, slots=True)
class Body:
    text: str
    is_text: bool
    size: int
    is_cut: bool


def read_body(raw: bytes) -> Body:
    """What to show of it; cut at LONGEST_SHOWN bytes."""
    shown = raw[:LONGEST_SHOWN]
    text = _as_text(shown)
    return Body(
        text=PHONE.sub(r"\1••••\2", text) if text is not None else _hex(shown),
        is_text=text is not None,
        size=len(raw),
        is_cut=len(raw) > LONGEST_SHOWN,
    )


def _as_text(raw: bytes) -> str | None:
    try:
        text = raw.decode()
    except UnicodeDecodeError:
        return None
    return text if all(character.isprintable() or character in "\r\n\t" for character in text) else None


def _hex(raw: bytes) -> str:
    """`00000000  7b 22 …  {"…`, like hexdump -C. Numbers of payers are starred out, also here."""
    masked = _PHONE_IN_BYTES.sub(lambda found: b"*" * len(found[0]), raw)
    lines = []
    for start in range(0, len(masked), _BYTES_PER_LINE):
        part = masked[start : start + _BYTES_PER_LINE]
        readable = _UNPRINTABLE.sub(".", part.decode("latin-1"))
        lines.append(f"{start:08x}  {part.hex(' '):<47}  {readable}")
    return "\n".join(lines)
