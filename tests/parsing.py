"""Our own sources as syntax trees."""

import ast
import gc
from pathlib import Path


def syntax_of(path: Path) -> ast.Module:
    """The tree of a file.

    Without the collector: what it finalizes meanwhile makes CPython 3.11 fail with "AST constructor recursion
    depth mismatch" (https://github.com/python/cpython/issues/106905).
    """
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        return ast.parse(path.read_text())
    finally:
        if was_enabled:
            gc.enable()
