"""Mutation tester: breaks what computes, one small change at a time, and sees whether the tests notice.

A mutant is a module's source with one change, put in place of the module by an import hook in a forked process, which
then runs the tests mapped to the module. Nothing is written into the checkout. The sample is drawn by a hash.
"""

from __future__ import annotations

import argparse
import ast
import importlib
import importlib.abc
import importlib.util
import io
import os
import signal
import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import redirect_stderr, redirect_stdout
from copy import deepcopy
from dataclasses import dataclass
from hashlib import sha256
from itertools import islice
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
LISTED = ROOT / "docs/mutants.md"
SEED, LIMIT = 20170703, 120
STATISTICS = tuple(f"tests/statistics/test_{name}.py" for name in ("borders", "edges", "statistics"))
METRICS = ("tests/detection/test_borders.py", "tests/detection/test_evaluation.py")
SPLITS = ("tests/conditions/test_new_splits.py", "tests/conditions/test_splits.py")
RETRAINING = tuple(f"tests/retraining/test_{name}.py" for name in ("measures", "windows", "replay"))
TARGETS: dict[str, tuple[Sequence[str], Sequence[str]]] = {
    "analysis.statistics.moments": ((), STATISTICS),
    "analysis.statistics.scale": ((), ("tests/figures/test_statistics_figures.py", *STATISTICS)),
    "analysis.statistics.value_counts": (
        ("counts", "present", "merge", "_of_frame", "_of_some", "class_sizes"),
        ("tests/dataset/test_gather.py", *STATISTICS),
    ),
    "analysis.statistics.effect": ((), ("tests/statistics/test_effect.py",)),
    "analysis.statistics.describe": (("describe",), STATISTICS),
    "analysis.statistics.kolmogorov_smirnov": (("two_sample", "log10_p", "critical_d", "holm"), STATISTICS),
    "analysis.statistics.distributions": (("histogram", "ecdf"), STATISTICS),
    "analysis.statistics.rank": (
        ("point_biserial", "order", "identical_pairs", "summary", "components", "correlation_matrix",
         "complete_linkage", "_by_label", "_mean"),
        STATISTICS,
    ),
    "analysis.detection.evaluation": (
        (), ("tests/audit/test_interval_edges.py", "tests/audit/test_verdict_intervals.py", *METRICS),
    ),
    "analysis.detection.curves": ((), ("tests/detection/test_curves.py", *METRICS)),
    "analysis.detection.nearest": (("distances", "_distance"), ("tests/detection/test_nearest.py", *METRICS)),
    "analysis.conditions.sample": ((), ("tests/conditions/test_draws.py", "tests/conditions/test_sample.py")),
    "analysis.detection.plain_rules": (
        (),
        ("tests/detection/test_borders.py", "tests/detection/test_plain_rules.py", "tests/detection/test_learning.py"),
    ),
    "analysis.conditions.draw": ((), ("tests/conditions/test_draws.py", "tests/conditions/test_splits.py")),
    "analysis.conditions.splits": ((), SPLITS),
    "analysis.conditions.campaigns": ((), SPLITS),
    "analysis.conditions.time_splits": ((), SPLITS),
    "analysis.conditions.unseen": ((), SPLITS),
    "analysis.conditions.grouped": ((), ("tests/conditions/test_answers.py", "tests/conditions/test_engine.py")),
    "analysis.conditions.answers": ((), ("tests/conditions/test_answers.py",)),
    "analysis.conditions.threshold": ((), ("tests/conditions/test_threshold.py",)),
    "analysis.dataset.gather": ((), ("tests/dataset/test_gather.py",)),
    "analysis.dataset.identical_rows": (
        (), ("tests/findings/test_blocks.py", "tests/dataset/defects/test_defects.py"),
    ),
    "analysis.dataset.defects.columns": (
        (), ("tests/dataset/test_gather.py", "tests/dataset/defects/test_defects.py"),
    ),
    "analysis.dataset.cleaning.clean": (
        (), ("tests/dataset/cleaning/test_borders.py", "tests/dataset/cleaning/test_clean.py"),
    ),
    "analysis.findings.clusters": ((), ("tests/findings/test_clusters.py",)),
    "analysis.findings.intervals": ((), ("tests/findings/test_intervals.py",)),
    "analysis.retraining.losses": (("shared_out",), RETRAINING),
    "analysis.retraining.measures": ((), RETRAINING),
    "analysis.retraining.policies": ((), RETRAINING),
    "analysis.retraining.replay": ((), RETRAINING),
    "analysis.retraining.windows": ((), RETRAINING),
    "analysis.audit.verdicts.intervals": (
        (), ("tests/audit/test_interval_edges.py", "tests/audit/test_verdict_intervals.py"),
    ),
}  # fmt: skip
"""By module: its functions that are broken (none named: all but ``main``), and the tests that must notice."""
PRELOADED = ("pytest", "hypothesis", "numpy", "scipy.stats", "pandas", "sklearn.metrics", "sklearn.ensemble",
             "sklearn.linear_model", "sklearn.preprocessing", "statsmodels.stats.multitest",
             "statsmodels.stats.proportion")  # fmt: skip

COMPARED: dict[type, type] = {ast.Lt: ast.LtE, ast.LtE: ast.Lt, ast.Gt: ast.GtE, ast.GtE: ast.Gt, ast.Eq: ast.NotEq,
            ast.NotEq: ast.Eq, ast.Is: ast.IsNot, ast.IsNot: ast.Is, ast.In: ast.NotIn, ast.NotIn: ast.In}  # fmt: skip
REVERSED: dict[type, type] = {ast.Lt: ast.GtE, ast.LtE: ast.Gt, ast.Gt: ast.LtE, ast.GtE: ast.Lt}
COMPUTED: dict[type, type] = {ast.Add: ast.Sub, ast.Sub: ast.Add, ast.Mult: ast.Div, ast.Div: ast.Mult,
            ast.Pow: ast.Mult, ast.BitAnd: ast.BitOr, ast.BitOr: ast.BitAnd, ast.FloorDiv: ast.Mult}  # fmt: skip

EITHER = ("min", "max", "minimum", "maximum", "min_horizontal", "max_horizontal", "isclose", "allclose",
          "logical_or", "logical_and", "logical_xor")  # fmt: skip
"""Functions to which the order of two arguments is nothing."""


@dataclass(frozen=True)
class Mutant:
    """One change of a function: the line, what stood there, what stands there now; and its number in the module."""

    module: str
    function: str
    line: int
    before: str
    after: str
    number: int

    def __str__(self) -> str:
        return f"{self.module}:{self.line}: {self.before} -> {self.after}"

    @property
    def name(self) -> tuple[str, str]:
        """How the list of survivors names it, which no line moves."""
        return f"{self.module}.{self.function}", f"{self.before} -> {self.after}"


def changes(node: ast.AST) -> Iterator[ast.AST]:
    """What may stand in place of one node: a comparison, operator, constant, argument or statement that is another."""
    if isinstance(node, ast.Compare) and len(node.ops) == 1:
        for table in (COMPARED, REVERSED):
            if new := table.get(type(node.ops[0])):
                yield ast.Compare(node.left, [new()], node.comparators)
    elif isinstance(node, ast.BinOp) and type(node.op) in COMPUTED:
        yield ast.BinOp(node.left, COMPUTED[type(node.op)](), node.right)
        if isinstance(node.op, ast.Sub | ast.Div):
            yield ast.BinOp(node.right, node.op, node.left)
    elif isinstance(node, ast.BoolOp):
        yield ast.BoolOp(ast.Or() if isinstance(node.op, ast.And) else ast.And(), node.values)
    elif isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not | ast.USub | ast.Invert):
        yield node.operand
    elif isinstance(node, ast.Constant) and isinstance(node.value, bool):
        yield ast.Constant(not node.value)
    elif isinstance(node, ast.Constant) and isinstance(node.value, int | float):
        if node.value + 1 != node.value:
            yield ast.Constant(node.value + 1)
        if node.value:
            yield ast.Constant(node.value / 2 if isinstance(node.value, float) else node.value - 1)
    elif isinstance(node, ast.IfExp | ast.If):
        other = deepcopy(node)
        other.test = ast.UnaryOp(ast.Not(), node.test)
        yield other
    elif isinstance(node, ast.Call) and len(node.args) == 2 and ast.unparse(node.func).split(".")[-1] not in EITHER:
        # The same argument twice is no other call.
        if ast.unparse(node.args[0]) != ast.unparse(node.args[1]):
            yield ast.Call(node.func, node.args[::-1], node.keywords)
    elif isinstance(node, ast.AugAssign) or (isinstance(node, ast.Expr) and isinstance(node.value, ast.Call)):
        yield ast.Pass()


def mutants(module: str, functions: Sequence[str] = ()) -> list[Mutant]:
    """All mutants of ``functions`` of a module (none named: all but ``main``), in the order of its lines."""
    found = []
    for number, (function, node, new, _) in enumerate(_changed(module)):
        if functions and function.name not in functions:
            continue
        before, after = (ast.unparse(ast.fix_missing_locations(one)).split("\n")[0] for one in (node, new))
        line = getattr(node, "lineno", function.lineno)
        found.append(Mutant(module, function.name, line, before, after, number))
    return found


def source(mutant: Mutant) -> str:
    """The whole source of a mutant's module, changed."""
    *_, tree = next(islice(_changed(mutant.module), mutant.number, None))
    return ast.unparse(ast.fix_missing_locations(tree))


def _changed(module: str) -> Iterator[tuple[ast.FunctionDef, ast.AST, ast.AST, ast.Module]]:
    """Function, node, what is put in its place, and the module's tree, so changed until the next one is asked for."""
    tree = ast.parse((ROOT / f"{module.replace('.', '/')}.py").read_text(encoding="utf-8"))
    for function in list(ast.walk(tree)):
        if not isinstance(function, ast.FunctionDef) or function.name in ("main", "__repr__"):
            continue
        for parent, field, index, node in list(_places(function)):
            for new in changes(node):
                _put(parent, field, index, new)
                yield function, node, new, tree
                _put(parent, field, index, node)


def _places(function: ast.FunctionDef) -> Iterator[tuple[ast.AST, str, int | None, ast.AST]]:
    """Every node of a function's body and defaults, with the place where it hangs; no annotation, no message."""
    waiting: list[ast.AST] = [*function.body, function.args]
    yield from ((function, "body", i, node) for i, node in enumerate(function.body))
    while waiting:
        parent = waiting.pop()
        if isinstance(parent, ast.FunctionDef | ast.Raise | ast.JoinedStr):
            continue
        for field, value in ast.iter_fields(parent):
            if field in ("annotation", "returns"):
                continue
            for index, node in enumerate(value) if isinstance(value, list) else [(None, value)]:
                if isinstance(node, ast.AST):
                    waiting.append(node)
                    yield parent, field, index, node


def _put(parent: ast.AST, field: str, index: int | None, node: ast.AST) -> None:
    if index is None:
        setattr(parent, field, node)
    else:
        getattr(parent, field)[index] = node


class Replaced(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    """Imports one module from the source of a mutant."""

    def __init__(self, mutant: Mutant) -> None:
        self.mutant = mutant

    def find_spec(self, fullname: str, path: object = None, target: object = None) -> Any:
        """The mutant's module, and no other."""
        return importlib.util.spec_from_loader(fullname, self) if fullname == self.mutant.module else None

    def exec_module(self, module: Any) -> None:
        """Run the changed source."""
        module.__file__ = str(ROOT / f"{self.mutant.module.replace('.', '/')}.py")
        exec(compile(source(self.mutant), module.__file__, "exec"), module.__dict__)


class Hasty:
    """Hypothesis looks for a failing example and not for the smallest."""

    def pytest_configure(self) -> None:
        """After the project's own profile, before tests are collected."""
        from hypothesis import Phase, settings

        settings.register_profile("hasty", settings(), phases=[Phase.explicit, Phase.generate], database=None)
        settings.load_profile("hasty")


def run(tests: Sequence[str], mutant: Mutant | None = None, limit: int = LIMIT) -> bool:
    """Whether ``tests`` pass in a process of their own, with the mutant in place where one is given, in time."""
    child = os.fork()
    if not child:
        code = 1
        try:
            signal.alarm(limit)
            if mutant:
                sys.meta_path.insert(0, Replaced(mutant))
            with redirect_stdout(io.StringIO()), redirect_stderr(io.StringIO()):
                import pytest

                there = [test for test in tests if (ROOT / test).exists()]
                code = int(pytest.main(["-x", "-q", "-p", "no:xdist", "--no-header", *there], plugins=[Hasty()]))
        finally:
            os._exit(code)
    return os.waitpid(child, 0)[1] == 0


def sample(count: int, seed: int = SEED) -> list[Mutant]:
    """So many mutants of all targets, drawn by a hash of what each is; 0 takes all.

    So an edit redraws the mutants of what it changes, and no others.
    """
    everything = [mutant for module, (functions, _) in TARGETS.items() for mutant in mutants(module, functions)]
    alike: Counter[tuple[str, str]] = Counter()
    drawn = []
    for mutant in everything:
        drawn.append((sha256(repr((seed, mutant.name, alike[mutant.name])).encode()).digest(), mutant))
        alike[mutant.name] += 1
    drawn.sort(key=lambda pair: pair[0])
    return sorted((mutant for _, mutant in drawn[:count]), key=str) if count else everything


def survivors(chosen: Sequence[Mutant], report: Any = None) -> list[Mutant]:
    """Those of ``chosen`` that no test notices; ``report`` is told of each as it is done."""
    for name in PRELOADED:
        importlib.import_module(name)
    alive = []
    for mutant in chosen:
        if run(TARGETS[mutant.module][1], mutant):
            alive.append(mutant)
            if report:
                report(mutant)
    return alive


def listed() -> set[tuple[str, str]]:
    """Mutants that need no test, from the table of LISTED, which gives the reasons."""
    rows = (
        line.split("|") for line in LISTED.read_text(encoding="utf-8").splitlines() if line.startswith("| analysis.")
    )
    return {(row[1].strip(), row[2].strip().strip("`")) for row in rows}


def main() -> int:
    """Command line: 0 where at least the share asked for is killed, and the others are listed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, default=300, help="mutants to draw; 0: all there are")
    parser.add_argument("--seed", type=int, default=SEED)
    parser.add_argument("--least", type=float, default=0.95, help="share that must be killed")
    parser.add_argument("--module", choices=TARGETS, help="only those of one module")
    parser.add_argument("--trust", action="store_true", help="take it that the tests pass without a mutant")
    arguments = parser.parse_args()
    os.chdir(ROOT)
    chosen = [one for one in sample(arguments.count, arguments.seed) if arguments.module in (None, one.module)]
    for tests in set() if arguments.trust else {TARGETS[mutant.module][1] for mutant in chosen}:
        if not run(tests):
            print(f"nothing is tested: without a mutant these fail: {' '.join(tests)}", file=sys.stderr)
            return 2
    known = listed()
    alive = survivors(
        chosen, lambda one: print("survived, listed" if one.name in known else "survived", f" {one}", flush=True)
    )
    made, left = (Counter(mutant.module for mutant in some) for some in (chosen, alive))
    for module, n in made.items():
        print(f"{n - left[module]:4} of {n:4} killed  {module}")
    killed = 1 - len(alive) / max(len(chosen), 1)
    print(f"{len(chosen) - len(alive):4} of {len(chosen):4} killed: {killed:.1%}")
    return int(killed < arguments.least or any(mutant.name not in known for mutant in alive))


if __name__ == "__main__":
    sys.exit(main())
