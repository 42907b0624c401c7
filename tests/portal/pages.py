"""What the tests of several pages need: addresses, htmx requests, and what a page must never contain."""

import re
from html import unescape
from html.parser import HTMLParser
from typing import Any

from tests.world import Merchant

HTMX = {"HX-Request": "true"}


def path(merchant: Merchant, rest: str = "", *, mode: str = "test") -> str:
    return f"/m/{merchant.slug}/{mode}/{rest}"


def text_of(response: Any) -> str:
    """The visible words of an answer, with single spaces."""
    words = _Words()
    words.feed(response.content.decode())
    return " ".join(" ".join(words.found).split())


def row_ids(response: Any) -> list[str]:
    """The payments, refunds or payouts in a list, in order."""
    return re.findall(r'id="row-(\w+)"', response.content.decode())


def hidden_fields(response: Any) -> dict[str, str]:
    """What a confirmation would send again: name → value of every hidden field but the CSRF token."""
    tags = re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', response.content.decode())
    return {name: unescape(value) for name, value in tags if name != "csrfmiddlewaretoken"}


class _Words(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []
        self._silent = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._silent += tag in ("script", "template")

    def handle_endtag(self, tag: str) -> None:
        self._silent -= tag in ("script", "template")

    def handle_data(self, data: str) -> None:
        if not self._silent:
            self.found.append(data)
