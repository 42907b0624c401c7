"""What ended on the wrong merchant when it was measured (ENGINEERING.md 3.2) is not written anywhere."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.architecture.sources import called_name, nodes, place, product, strings

CONTEXTS = {"tenant_context", "schema_context"}
RAW_PATH = re.compile(r"(?i)\bset\s+(local\s+|session\s+)?search_path|set_config\(\s*'search_path|search_path\s*=")
SWITCHES = {"set_tenant", "set_schema", "set_schema_to_public"}


def with_a_row(node: ast.AST) -> bool:
    """`with tenant:` keeps the merchant before in a list that all threads share."""
    return isinstance(node, ast.With) and any(
        not isinstance(item.context_expr, ast.Call) and called_name(item.context_expr).endswith(("tenant", "merchant"))
        for item in node.items
    )


def decorated_with_a_context(node: ast.AST) -> bool:
    """One instance, made at import, would serve all threads."""
    return isinstance(node, ast.FunctionDef | ast.ClassDef) and any(
        called_name(decorator) in CONTEXTS for decorator in node.decorator_list
    )


def kept_contexts(file: Path) -> Iterator[ast.AST]:
    """Contexts that are not entered where they are made: a second entry forgets the way back of the first."""
    entered = {id(item.context_expr) for node in nodes(file) if isinstance(node, ast.With) for item in node.items}
    for node in nodes(file):
        if isinstance(node, ast.Call) and called_name(node) in CONTEXTS and id(node) not in entered:
            yield node


def test_no_merchant_is_entered_by_its_row() -> None:
    assert [place(file, node) for file in product() for node in nodes(file) if with_a_row(node)] == []


def test_no_context_is_a_decorator() -> None:
    assert [place(file, node) for file in product() for node in nodes(file) if decorated_with_a_context(node)] == []


def test_every_context_is_entered_where_it_is_made() -> None:
    assert [place(file, node) for file in product() for node in kept_contexts(file)] == []


def test_nobody_sets_a_search_path_past_the_connections_knowledge() -> None:
    found = [(file, text) for file in product() for text in strings(file) if RAW_PATH.search(str(text.value))]
    # Huey has connections of its own, in a schema of its own.
    assert {place(file) for file, _ in found} == {"deploy/settings.py"}


def test_one_file_switches_without_a_context() -> None:
    found = {place(file) for file in product() for node in nodes(file)
             if isinstance(node, ast.Call) and called_name(node) in SWITCHES}  # fmt: skip
    assert found == {"tenants/current.py"}


def test_no_page_streams_below_a_merchant() -> None:
    """A body that is read after the request is read after its schema was left, too."""
    streaming = {"StreamingHttpResponse", "FileResponse"}
    assert [place(file, node) for file in product() for node in nodes(file)
            if isinstance(node, ast.Call) and called_name(node) in streaming] == []  # fmt: skip


@pytest.mark.parametrize(
    "line", ["with tenant:\n pass", "with a.merchant, b():\n pass", "with open(x), tenant:\n pass"]
)
def test_the_rule_sees_rows_that_are_entered(line: str) -> None:
    assert any(with_a_row(node) for node in ast.walk(ast.parse(line)))


@pytest.mark.parametrize("line", ["@tenant_context(t)\ndef f(): pass", "@utils.schema_context('x')\ndef f(): pass"])
def test_the_rule_sees_decorators(line: str) -> None:
    assert any(decorated_with_a_context(node) for node in ast.walk(ast.parse(line)))


@pytest.mark.parametrize(
    "sql", ["SET search_path TO a", "set local search_path=a", "SELECT set_config('search_path', 'a')"]
)
def test_the_rule_sees_raw_paths(sql: str) -> None:
    assert RAW_PATH.search(sql)
