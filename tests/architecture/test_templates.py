"""Templates are all used, say what they take, ask no question about htmx, and need nothing a strict CSP forbids."""

import re
from importlib.util import find_spec
from pathlib import Path

import pytest

from tests.architecture.sources import ROOT, files, product

TEMPLATES = {file.relative_to(ROOT / "templates").as_posix(): file.read_text()
             for file in files(".html") if file.is_relative_to(ROOT / "templates")}  # fmt: skip
# Django and allauth ask for these by themselves.
ASKED_FOR_BY_DJANGO = {"400.html", "403.html", "403_csrf.html", "404.html", "429.html", "500.html"}
NEEDS_UNSAFE_INLINE = {
    "a style attribute": re.compile(r"<[^>]*\sstyle\s*=", re.IGNORECASE),
    "a style element": re.compile(r"<style\b", re.IGNORECASE),
    "an inline script": re.compile(r"<script\b(?![^>]*\ssrc=)", re.IGNORECASE),
    "an event attribute": re.compile(r"<[^>]*\s(on[a-z]+|hx-on[:\w-]*)\s*=", re.IGNORECASE),
    "a javascript: address": re.compile(r"javascript:", re.IGNORECASE),
    "an outside host": re.compile(r"(src|href)=\"(https?:)?//(?!github\.com)[^\"]*\.(js|css|woff2?)", re.IGNORECASE),
}


def referred_to() -> str:
    return "\n".join([*TEMPLATES.values(), *(file.read_text() for file in product())])


def overrides_a_librarys(name: str) -> bool:
    allauth = find_spec("allauth")
    assert allauth
    assert allauth.origin
    return Path(allauth.origin).with_name("templates").joinpath(name).exists()


def test_there_are_templates() -> None:
    assert len(TEMPLATES) > 30


def test_every_template_is_used() -> None:
    text = referred_to()
    unused = [name for name in TEMPLATES if not re.search(rf"""["']{re.escape(name)}(#\w+)?["']""", text)]
    assert [name for name in unused if name not in ASKED_FOR_BY_DJANGO and not overrides_a_librarys(name)] == []


def test_every_template_that_is_named_exists() -> None:
    named = set(re.findall(r"""\{%\s*(?:include|extends)\s+["']([\w/.-]+)""", "\n".join(TEMPLATES.values())))
    assert [name for name in named - TEMPLATES.keys() if not overrides_a_librarys(name)] == []


@pytest.mark.parametrize("name", [name for name in TEMPLATES if name.startswith("components/")])
def test_a_component_begins_with_a_comment_on_what_it_takes(name: str) -> None:
    first_line = TEMPLATES[name].partition("\n")[0]
    assert re.match(r"\{# .{10,} #\}|\{% comment %\}", first_line), first_line


def test_components_get_only_what_they_are_given() -> None:
    include = re.compile(r"""\{%\s*include\s+["'](components/[^"']+)["']([^%]*)%\}""")
    loose = [(name, component) for name, text in TEMPLATES.items() for component, rest in include.findall(text)
             if rest.split()[-1:] != ["only"]]  # fmt: skip
    assert loose == []


def test_no_template_asks_whether_the_request_is_htmx() -> None:
    assert [name for name, text in TEMPLATES.items() if "request.htmx" in text] == []


@pytest.mark.parametrize("what", NEEDS_UNSAFE_INLINE)
def test_no_template_has(what: str) -> None:
    assert [name for name, text in TEMPLATES.items() if NEEDS_UNSAFE_INLINE[what].search(text)] == []


def test_nothing_is_marked_safe_by_hand() -> None:
    # But for help texts, which come from code; the password rules are a list in HTML.
    unescaped = re.compile(r"(?<!field\.help_text)\|\s*safe\b|autoescape off")
    assert [name for name, text in TEMPLATES.items() if unescaped.search(text)] == []
