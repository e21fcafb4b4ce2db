"""Which figures there are and which tables each reads, without importing the libraries that draw them."""

from __future__ import annotations

import ast
from pathlib import Path


def catalogue(folder: Path = Path(__file__).parent) -> dict[str, tuple[str, ...]]:
    """Figure name to names of its tables: every module of this folder that says ``TABLES = (...)``."""
    found = {}
    for path in sorted(folder.glob("*.py")):
        for node in ast.parse(path.read_text(encoding="utf-8")).body:
            if isinstance(node, ast.Assign) and getattr(node.targets[0], "id", None) == "TABLES":
                found[path.stem] = tuple(ast.literal_eval(node.value))
    return found
