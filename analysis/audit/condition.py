"""Conditions over values, such as ``binary.best.f1 > source.random_forest.f1``: read, checked and evaluated.

A cell is named by its address (``analysis.record.address``), and several at once are a list:
``max(scores[split=day_forward].f1) < min(scores[split=random].f1)``.

A condition may use value keys, addresses, numbers, texts, lists, arithmetic, comparisons, ``in``, ``and``, ``or``,
``not`` and the functions named here. simpleeval computes it; nothing in it is run as Python.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Mapping
from difflib import get_close_matches
from itertools import pairwise
from pathlib import Path
from typing import Any

import simpleeval

from analysis.record.address import ADDRESS, Address, AddressError, Tables


def _over(function: Callable[[Any], Any]) -> Callable[..., Any]:
    """``function`` over a list or over its arguments: an address may give one cell where another build has several."""
    return lambda *given: function(given[0] if len(given) == 1 and isinstance(given[0], list | tuple | str) else given)


FUNCTIONS: dict[str, Callable[..., Any]] = {
    "abs": abs, "min": _over(min), "max": _over(max), "len": _over(len), "all": _over(all), "any": _over(any)
}  # fmt: skip
AVAILABLE = "available"
"""Besides these, ``available(key)`` says whether a value is there and not missing."""
OPERATORS = {
    kind: function
    for kind, function in simpleeval.DEFAULT_OPERATORS.items()
    if kind
    in (ast.Add, ast.Sub, ast.Mult, ast.Div, ast.USub, ast.UAdd, ast.Not, ast.Eq, ast.NotEq, ast.Lt, ast.LtE, ast.Gt,
        ast.GtE, ast.In, ast.NotIn)
}  # fmt: skip
ALLOWED = (
    ast.Expression, ast.Name, ast.Constant, ast.List, ast.Tuple, ast.Call, ast.UnaryOp, ast.BinOp, ast.BoolOp,
    ast.Compare, ast.And, ast.Or, ast.Load, *OPERATORS,
)  # fmt: skip
KEY = re.compile(r"[^\W\d]\w*(\.\w+)*")
QUOTED_OR_ADDRESS = re.compile(rf"{ADDRESS.pattern}|'[^']*'|\"[^\"]*\"")


class ConditionError(Exception):
    """What is wrong with a condition, in words."""


class Condition:
    """A condition that has been read and found to be one; ``keys`` are all values that it names, in order."""

    def __init__(self, text: str) -> None:
        """Raises ConditionError where the text is no condition, or none that depends on a value."""
        # A block of YAML has line breaks; they mean nothing.
        self.text = text = " ".join(text.splitlines())
        names = _Names()
        try:
            tree = ast.parse(QUOTED_OR_ADDRESS.sub(names.stand_in, text.strip()), mode="eval")
        except SyntaxError as error:
            raise ConditionError(f"is not an expression over value keys: {error.msg}") from None
        self._tree = names.visit(tree)
        self.keys = tuple(dict.fromkeys(names.keys))
        for node in ast.walk(self._tree):
            _demand_allowed(node)
        for node in ast.walk(self._tree):
            _demand_variable(node)
        if not self.keys:
            raise ConditionError("is constant: it names no value, so it says nothing about the data")

    def entries(self, values: Mapping[str, Mapping[str, Any]], tables: Tables | None) -> dict[str, Mapping[str, Any]]:
        """The entries of all that it names; ConditionError for what is not there, with the nearest."""
        found: dict[str, Mapping[str, Any]] = {}
        for key in self.keys:
            if "[" in key:
                try:
                    found[key] = Address.parse(key).entry(tables or Tables(Path()), several=True)
                except AddressError as error:
                    raise ConditionError(f"names a cell that this build does not have: {error}") from None
            elif key in values:
                found[key] = values[key]
            else:
                near = ", ".join(get_close_matches(key, values, 3, 0.6)) or "none; look it up in values.json"
                raise ConditionError(f"names the value '{key}', which this build does not have; nearest: {near}")
        return found

    def holds(self, values: Mapping[str, Mapping[str, Any]], tables: Tables | None = None) -> bool:
        """Whether it is true of ``values`` (entries of values.json by key) and the cells of ``tables``.

        Raises ConditionError for an unknown or missing value, a comparison of different kinds, and a result that is
        neither true nor false.
        """
        try:
            result = _Evaluator(self.entries(values, tables)).eval("", previously_parsed=self._tree.body)
        except (simpleeval.InvalidExpression, TypeError, ValueError, ArithmeticError) as error:
            raise ConditionError(f"cannot be evaluated: {error}") from None
        if not isinstance(result, bool):
            raise ConditionError(
                f"gives {str(result)[:80]!r}, which is neither true nor false; compare it with something"
            )
        return result


class _Names(ast.NodeTransformer):
    """Makes one name of each dotted key and address, and a text of the key that ``available`` asks for."""

    def __init__(self) -> None:
        self.keys: list[str] = []
        self._addresses: list[str] = []

    def stand_in(self, match: re.Match[str]) -> str:
        """A name for an address, which Python would take for a subscript; what is quoted stays."""
        if not ADDRESS.fullmatch(match[0]):
            return match[0]
        self._addresses.append(match[0])
        return f"cell_{len(self._addresses) - 1}_"

    def visit_Name(self, node: ast.Name) -> ast.AST:
        return self._named(node, node.id)

    def visit_Attribute(self, node: ast.Attribute) -> ast.AST:
        text = ast.unparse(node)
        return self._named(node, text) if KEY.fullmatch(text) else node

    def visit_Call(self, node: ast.Call) -> ast.AST:
        called = ast.unparse(node.func)
        if called not in [*FUNCTIONS, AVAILABLE]:
            known = ", ".join([*FUNCTIONS, AVAILABLE])
            raise ConditionError(f"calls {called[:40]}; a condition may call {known} and nothing else")
        node.args = [self.visit(argument) for argument in node.args]
        if called == AVAILABLE:
            if len(node.args) != 1 or not isinstance(node.args[0], ast.Name):
                raise ConditionError("calls available with something else than one key")
            node.args = [ast.Constant(node.args[0].id)]
        return node

    def _named(self, node: ast.AST, text: str) -> ast.Name:
        key = re.sub(r"cell_(\d+)_", lambda match: self._addresses[int(match[1])], text)
        self.keys.append(key)
        return ast.copy_location(ast.Name(key, ast.Load()), node)


class _Evaluator(simpleeval.EvalWithCompoundTypes):  # type: ignore[misc]  # simpleeval has no types
    """simpleeval over the values of ``entries``, which compares only things of one kind."""

    def __init__(self, entries: Mapping[str, Mapping[str, Any]]) -> None:
        def value(node: ast.Name) -> Any:
            entry = entries[node.id]
            if entry["value"] is None:
                raise ConditionError(
                    f"needs the value '{node.id}', which is missing in this build ({entry['reason']}); "
                    f"ask available({node.id}) first"
                )
            return entry["value"]

        functions = FUNCTIONS | {AVAILABLE: lambda key: entries[key]["value"] is not None}
        super().__init__(OPERATORS, functions, value)
        self.nodes[ast.Compare] = self._compare

    def _compare(self, node: ast.Compare) -> bool:
        """Comparisons of things of one kind: a number is no truth, and never among texts."""
        sides = [self._eval(side) for side in (node.left, *node.comparators)]
        pairs = list(pairwise(sides))
        for operation, (left, right) in zip(node.ops, pairs, strict=True):
            within = isinstance(operation, ast.In | ast.NotIn)
            if not (_may_hold(right, left) if within else _kind(left) == _kind(right)):
                raise ConditionError(
                    f"cannot be evaluated: '{ast.unparse(node)}' compares {_kind(left)} with {_kind(right)}"
                )
        return all(OPERATORS[type(operation)](*pair) for operation, pair in zip(node.ops, pairs, strict=True))


def _kind(value: Any) -> str:
    """What a value is, in words."""
    kinds = {bool: "a truth", int: "a number", float: "a number", str: "a text", list: "a list", tuple: "a list"}
    return kinds.get(type(value), type(value).__name__)


def _may_hold(container: Any, value: Any) -> bool:
    """Whether a list has only things of the kind of ``value``, or a text may hold it."""
    if isinstance(container, list | tuple):
        return all(_kind(one) == _kind(value) for one in container)
    return isinstance(container, str) and isinstance(value, str)


def _demand_allowed(node: ast.AST) -> None:
    if not isinstance(node, ALLOWED):
        kind = type(node).__name__
        raise ConditionError(f"uses {kind}; a condition has keys, numbers, texts, lists, + - * /, comparisons, in, "
                             "and, or, not")  # fmt: skip


def _demand_variable(node: ast.AST) -> None:
    """Refuse parts that are the same whatever the data: operands without a value, a thing compared with itself."""
    truths = node.values if isinstance(node, ast.BoolOp) else [node] if isinstance(node, ast.Compare) else []
    for truth in truths:
        # The name 'available' stands for the value that it asks for.
        if not any(isinstance(part, ast.Name) and part.id not in FUNCTIONS for part in ast.walk(truth)):
            raise ConditionError(f"is constant where it says '{ast.unparse(truth)}': that names no value")
    if isinstance(node, ast.Compare):
        sides = [ast.dump(side) for side in (node.left, *node.comparators)]
        if len(set(sides)) < len(sides):
            raise ConditionError(f"is constant where it says '{ast.unparse(node)}': it compares a thing with itself")
