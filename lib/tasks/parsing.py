"""Reading Python's source, one thread at a time."""

from __future__ import annotations

import ast
import threading

READING = threading.RLock()


def syntax_tree(source: str) -> ast.Module:
    """The syntax tree of a text; raises what `ast.parse` raises.

    In Python 3.11 the depth of a tree is counted for all threads at once: two that read at the same time can
    end in "SystemError: AST constructor recursion depth mismatch".
    """
    with READING:
        return ast.parse(source)
