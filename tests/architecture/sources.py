"""The project's own files, and their syntax trees, for rules that are checked instead of remembered."""

import ast
import os
from collections.abc import Iterator
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PACKAGES = ("deploy", "portal", "api", "payments", "providers", "tenants")
# Not ours (vendor), or made by tools.
SKIPPED_FOLDERS = {".git", ".venv", "var", "vendor", "__pycache__", "htmlcov", "node_modules", ".hypothesis"}


@cache
def files(suffix: str = "") -> tuple[Path, ...]:
    """Every file of ours whose name ends with `suffix`."""
    found = []
    for folder, folders, names in os.walk(ROOT):
        folders[:] = sorted(name for name in folders if name not in SKIPPED_FOLDERS and not name.endswith("_cache"))
        found += [Path(folder, name) for name in sorted(names) if name.endswith(suffix)]
    return tuple(found)


@cache
def product() -> tuple[Path, ...]:
    """The Python files that make the product: neither tests nor migrations."""
    return tuple(file for file in files(".py") if within(file) in PACKAGES and "migrations" not in file.parts)


@cache
def tree(file: Path) -> ast.Module:
    return ast.parse(file.read_text(), filename=str(file))


@cache
def nodes(file: Path) -> tuple[ast.AST, ...]:
    return tuple(ast.walk(tree(file)))


def place(file: Path, node: ast.AST | None = None) -> str:
    """`payments/services.py:42`, as an editor opens it."""
    name = file.relative_to(ROOT).as_posix()
    return f"{name}:{getattr(node, 'lineno', 0)}" if node else name


def within(file: Path) -> str:
    """The top-level folder of a file."""
    return file.relative_to(ROOT).parts[0]


def called_name(node: ast.AST) -> str:
    """The last word of what is named or called: `tenant_context` for `utils.tenant_context(x)`."""
    while isinstance(node, ast.Call):
        node = node.func
    return node.attr if isinstance(node, ast.Attribute) else node.id if isinstance(node, ast.Name) else ""


def strings(file: Path) -> Iterator[ast.Constant]:
    """Every string that the code uses: docstrings say things about code and are left out."""
    said = {id(node.value) for node in nodes(file) if isinstance(node, ast.Expr)}
    for node in nodes(file):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in said:
            yield node
