from __future__ import annotations

import ast
import re
import subprocess
import sys
import tomllib

import pytest

from analysis.sources import COMPUTING, ROOTS, _names, libraries, sources


def test_imports_are_followed_transitively():
    found = sources("analysis.dataset.cleaning.clean")
    assert {"analysis/dataset/cleaning/clean.py", "analysis/dataset/release.py", "analysis/record/display.py"} <= set(
        found
    )
    assert "requirements.txt" in found
    assert not any("detection" in path or "figures" in path for path in found)


def test_a_module_that_is_not_there_is_an_error():
    with pytest.raises(ValueError, match="no such module"):
        sources("analysis.dataset.nothing")


@pytest.mark.parametrize(
    "module", ["analysis.dataset.ingest", "analysis.statistics.kolmogorov_smirnov", "analysis.conditions.fit"]
)
def test_nothing_that_runs_is_missing(module, root):
    """What Python really imports of the project must be among the declared sources."""
    code = (
        f"import sys, {module}; "
        "print('\\n'.join(m.__file__ for n, m in sys.modules.items() "
        "if n.split('.')[0] in ('analysis', 'figures', 'paper') and getattr(m, '__file__', None)))"
    )
    out = subprocess.run([sys.executable, "-c", code], cwd=root, capture_output=True, text=True, check=True).stdout
    imported = {str(path).removeprefix(f"{root}/") for path in out.split()}
    assert imported <= set(sources(module))


def test_imports_read_off_the_lines_are_those_of_the_language(root):
    for path in (path for room in ROOTS for path in sorted((root / room).rglob("*.py"))):
        expected = set()
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Import):
                expected |= {alias.name for alias in node.names}
            elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
                expected |= {node.module, *(f"{node.module}.{alias.name}" for alias in node.names)}
        assert set(_names(path)) == expected, path


def test_imports_in_all_forms_are_read(tmp_path):
    path = tmp_path / "module.py"
    path.write_text(
        "import a.b as c, d\nfrom e.f import (  # why, and so on\n    g,\n    h as i,  # j, k\n)\n"
        "def late():\n    from l import m  # n\n    from . import o\n    important = 1\n"
    )
    assert set(_names(path)) == {"a.b", "d", "e.f", "e.f.g", "e.f.h", "l", "l.m"}


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("from a import (  # (see x)\n    b,\n)\n", {"a", "a.b"}),
        ("from a import(b)\n", {"a", "a.b"}),
        ("from a import b, \\\n    c\n", {"a", "a.b", "a.c"}),
        ("from a import b; import q\n", {"a", "a.b", "q"}),
        ("x = 1; import q\n", {"q"}),
        ("try: import x\nexcept ImportError: from y import z\n", {"x", "y", "y.z"}),
    ],
)
def test_imports_in_odd_forms_are_read(tmp_path, text, names):
    (tmp_path / "module.py").write_text(text)
    assert set(_names(tmp_path / "module.py")) == names


def test_data_moves_one_way(root):
    """No room imports from one further down: from the record to the paper."""
    order = ["analysis.record", "analysis.dataset", "analysis.statistics", "analysis.conditions",
             "analysis.detection", "analysis.twin", "analysis.citing",
             "analysis.audit", "figures", "paper"]  # fmt: skip
    for rank, room in enumerate(order):
        for path in sorted((root / room.replace(".", "/")).rglob("*.py")):
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
                names = [node.module] if isinstance(node, ast.ImportFrom) and node.module else []
                names += [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
                for name in names:
                    later = [other for other in order[rank + 1 :] if name == other or name.startswith(f"{other}.")]
                    assert not later, f"{path} imports {name}"


def test_the_colophon_names_what_the_code_imports_and_nothing_else(tmp_path):
    room = tmp_path / "analysis" / "room"
    room.mkdir(parents=True)
    assert libraries(tmp_path) == []
    (room / "step.py").write_text('"""Speaks of pandas."""\nimport numpy as np\n# import seaborn\nimport requests\n')
    assert libraries(tmp_path) == ["NumPy"]
    (room / "other.py").write_text("def late():\n    from statsmodels.stats.proportion import proportion_confint\n")
    assert libraries(tmp_path) == ["statsmodels", "NumPy"]
    (tmp_path / "tests").mkdir()
    (tmp_path / "tests" / "test_step.py").write_text("import pandas\n")
    assert "pandas" not in libraries(tmp_path), "tests compute no result"


def test_the_statistical_figures_are_seaborns(root):
    assert {"seaborn", "pandas", "Matplotlib"} <= set(libraries(root))


NO_NUMBER = {
    "snakemake", "pydantic", "PyYAML", "xxhash", "requests", "tqdm", "simpleeval", "jsonschema", "pypandoc-binary",
    "typst", "pypdfium2",
}  # fmt: skip
"""Libraries of which no number of the paper comes."""


def test_a_library_that_is_added_is_one_that_computes_or_is_said_not_to(root):
    """Else the colophon would leave it out: it knows by their names those that it looks for."""
    project = tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    named = {re.split(r"[<>=~! ]", one)[0] for one in project["dependencies"]}
    assert named - NO_NUMBER == {called.lower() for called in COMPUTING.values()}
    assert named >= NO_NUMBER
