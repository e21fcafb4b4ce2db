"""Which files of the project a module's results depend on: its own, and all it imports, transitively.

Snakemake sees only declared inputs, so every rule declares these; an edit then rebuilds what depends on it.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

ROOTS = ("analysis", "figures", "paper")
COMPUTING = {
    "sklearn": "scikit-learn", "scipy": "SciPy", "statsmodels": "statsmodels", "numpy": "NumPy", "numba": "Numba",
    "polars": "Polars", "pandas": "pandas", "matplotlib": "Matplotlib", "seaborn": "seaborn",
}  # fmt: skip
"""Libraries that compute or draw, by the names that code imports them by; the colophon lists those that it does."""
ALWAYS = "requirements.txt"
"""The exact versions of everything that is not ours."""

IMPORT = re.compile(
    r"^[ \t]*(?:from[ \t]+([A-Za-z_][\w.]*)[ \t]+import[ \t]*(\([^)]*\)|[^\n(]+)|import[ \t]+([^\n]+))", re.MULTILINE
)
UNUSUAL = re.compile(
    r"^[^\n'\"]*\b(?:import|from)\b[^\n'\"]*[;\\]|^[ \t]*\w[^\n'\"]*[:;][ \t]*(?:import|from)\b", re.MULTILINE
)
"""An import beside another statement, or one that goes on in the next line."""
COMMENT = re.compile(r"#[^\n]*")


def sources(*modules: str) -> list[str]:
    """Sorted paths, relative to the project's top, of all project files that ``modules`` are made of."""
    found: set[str] = {ALWAYS}
    waiting = [path for module in modules for path in _files(module)]
    if missing := [module for module in modules if not _files(module)]:
        raise ValueError(f"no such module in the project: {', '.join(missing)}")
    while waiting:
        path = waiting.pop()
        if path not in found:
            found.add(path)
            waiting += _imported(path)
    return sorted(found)


def libraries(folder: Path = Path()) -> list[str]:
    """Those of ``COMPUTING`` that a file of the project in ``folder`` imports, in their order.

    What a library needs for itself does not count: the list says what the project's own code computes with.
    """
    paths = (path for root in ROOTS for path in sorted((folder / root).rglob("*.py")))
    imported = {name.split(".")[0] for path in paths for name in _names(path)}
    return [called for name, called in COMPUTING.items() if name in imported]


@cache
def _files(module: str) -> list[str]:
    """The module's file and the ``__init__.py`` of every package around it; none where it is not ours."""
    parts = module.split(".")
    if parts[0] not in ROOTS:
        return []
    base = Path(*parts)
    own = [path for path in (base.with_suffix(".py"), base / "__init__.py") if path.is_file()]
    packages = [Path(*parts[:depth], "__init__.py") for depth in range(1, len(parts))]
    return [path.as_posix() for path in (*own, *(p for p in packages if p.is_file()))] if own else []


@cache
def _imported(path: str) -> tuple[str, ...]:
    return tuple(file for name in _names(Path(path)) for file in _files(name))


@cache
def _names(path: Path) -> tuple[str, ...]:
    """Module names that the imports of a file could mean; ``from a import b`` may name the module ``a.b``.

    Read off the lines, since taking a file apart takes ten times as long, at each start for all files. One in which
    an import does not stand alone on its line is taken apart.
    """
    text = path.read_text(encoding="utf-8")
    lines = COMMENT.sub("", text)
    if UNUSUAL.search(lines):
        return tuple(_parsed(text))
    found: list[str] = []
    for module, names, plain in IMPORT.findall(lines):
        listed = [one.split()[0] for one in (names or plain).strip("()").split(",") if one.strip()]
        found += [module, *(f"{module}.{name}" for name in listed)] if module else listed
    return tuple(found)


def _parsed(text: str) -> Iterator[str]:
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            yield from (node.module, *(f"{node.module}.{alias.name}" for alias in node.names))
