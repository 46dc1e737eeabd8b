"""What the promises look at: the project's own files as git knows them, and Python parsed."""

import ast
import subprocess
from collections.abc import Iterator
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parents[2]
RINGS = ("portal", "assessments", "scoring")
VENDORED = ("portal/static/vendor/", "portal/fonts/")


@cache
def own_files() -> tuple[str, ...]:
    """Return every file of the project that git tracks or would track, vendored ones left out."""
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"],
        cwd=ROOT, check=True, capture_output=True, text=True,
    )  # fmt: skip
    names = sorted(set(listed.stdout.split("\0")) - {""})
    return tuple(name for name in names if not name.startswith(VENDORED) and (ROOT / name).is_file())


def python_files(*folders: str) -> list[str]:
    """Return the Python files below `folders`, or all of them."""
    starts = tuple(f"{folder}/" for folder in folders)
    return [name for name in own_files() if name.endswith(".py") and (not starts or name.startswith(starts))]


def templates() -> list[str]:
    """Return the templates of pages."""
    return [name for name in own_files() if name.startswith("templates/") and name.endswith(".html")]


def text_of(name: str) -> str:
    """Return a file's text; a file that is not text reads as empty."""
    try:
        return (ROOT / name).read_text(encoding="utf-8")
    except UnicodeDecodeError:
        return ""


@cache
def parsed(name: str) -> ast.Module:
    """Return a Python file as its syntax tree."""
    return ast.parse(text_of(name), filename=name)


def functions(name: str) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    """Yield every function of a Python file, nested ones too."""
    for node in ast.walk(parsed(name)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node


def imported(node: ast.AST) -> list[str]:
    """Return the full names of the modules that an import statement names; other nodes name none."""
    if isinstance(node, ast.Import):
        return [alias.name for alias in node.names]
    if isinstance(node, ast.ImportFrom) and node.module:
        return [node.module]
    return []
