"""Who reads Python's source while threads grade does so under the lock of `lib.tasks.parsing`."""

from __future__ import annotations

import ast
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
LOCKED = ROOT / "lib/tasks/parsing.py"


def test_nobody_else_calls_ast_parse():
    files = [*(ROOT / "lib/tasks").rglob("*.py"), *(ROOT / "lib/grading/examination").rglob("*.py")]
    assert LOCKED in files
    found = [
        f"{path.relative_to(ROOT)}:{node.lineno}"
        for path in files
        if path != LOCKED
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Attribute) and ast.unparse(node) == "ast.parse"
    ]
    assert not found, f"call lib.tasks.parsing.syntax_tree in the place of ast.parse: {found}"
