"""The templates themselves: all used, all documented, icons that exist, no logic that belongs elsewhere."""

import re
from pathlib import Path

import allauth
import pytest
from django.conf import settings
from django.template.loader import get_template

ROOT = Path(settings.BASE_DIR) / "templates"
STATIC = Path(settings.BASE_DIR) / "static"
# The documentation's pages belong to another door.
OURS = sorted(path for path in ROOT.rglob("*.html") if "docs" not in path.relative_to(ROOT).parts)
NAMES = [path.relative_to(ROOT).as_posix() for path in OURS]
SOURCES = "\n".join(
    path.read_text() for path in [*ROOT.rglob("*.html"), *Path(settings.BASE_DIR, "portal").rglob("*.py")]
)
ALLAUTH = Path(allauth.__file__).parent / "templates"
# Django renders these by name.
CONVENTIONS = {"400.html", "403.html", "404.html", "429.html", "500.html", "503.html", "403_csrf.html"}


@pytest.mark.parametrize("name", NAMES)
def test_every_template_is_used(name: str) -> None:
    is_override = (ALLAUTH / name).exists()
    assert is_override or name in CONVENTIONS or f'"{name}"' in SOURCES


@pytest.mark.parametrize("name", NAMES)
def test_every_template_compiles_and_begins_with_what_it_is_for(name: str) -> None:
    get_template(name)
    assert (ROOT / name).read_text().startswith("{# ")


@pytest.mark.parametrize("name", NAMES)
def test_no_template_asks_for_htmx_or_inlines_code(name: str) -> None:
    text = (ROOT / name).read_text()
    assert "request.htmx" not in text
    assert not re.search(r"\sstyle=|hx-on|<style|javascript:", text)


def test_components_are_included_with_nothing_but_their_slots() -> None:
    loose = re.findall(r'{% include "components/[^%]*%}', SOURCES)
    assert [tag for tag in loose if not tag.rstrip(" %}").endswith("only")] == []


def test_every_icon_exists_and_every_drawn_icon_is_used() -> None:
    drawn = set(re.findall(r'<symbol id="([\w-]+)"', (STATIC / "img/icons.svg").read_text()))
    scripts = "\n".join(path.read_text() for path in (STATIC / "js").glob("*.js"))
    named = set(re.findall(r'{% icon "([\w-]+)"', SOURCES)) | set(re.findall(r'icon_name="([\w-]+)"', SOURCES))
    words = set(re.findall(r'"([a-z0-9-]+)"', SOURCES)) | set(re.findall(r"#([a-z-]+)", scripts))
    assert named <= drawn
    assert drawn <= named | words


def test_every_static_file_named_in_a_template_exists() -> None:
    named = set(re.findall(r"{% static '([^']+)' %}", SOURCES))
    assert named
    assert [name for name in named if not (STATIC / name).exists()] == []
