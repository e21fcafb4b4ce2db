"""Conditions over values, such as ``binary.best.f1 > source.random_forest.f1``: read, checked and evaluated safely.

A condition may use value keys, numbers, texts, lists, arithmetic, comparisons, ``in``, ``and``, ``or``, ``not`` and the
functions named here. Nothing in it can loop, raise to a power or reach beyond the values, and its length is limited, so
it ends at once whatever it says.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator, Mapping
from difflib import get_close_matches
from typing import Any

import simpleeval

LONGEST = 500
"""Characters that a condition may have."""
FUNCTIONS: dict[str, Callable[..., Any]] = {"abs": abs, "min": min, "max": max, "len": len, "all": all, "any": any}
"""Besides these, ``available(key)`` says whether a value is there and not missing."""
OPERATORS = {
    kind: function
    for kind, function in simpleeval.DEFAULT_OPERATORS.items()
    if kind
    in (ast.Add, ast.Sub, ast.Mult, ast.Div, ast.USub, ast.UAdd, ast.Not, ast.Eq, ast.NotEq, ast.Lt, ast.LtE, ast.Gt,
        ast.GtE, ast.In, ast.NotIn)
}  # fmt: skip
ALLOWED = (
    ast.Expression, ast.Name, ast.Attribute, ast.Constant, ast.List, ast.Tuple, ast.Call, ast.UnaryOp, ast.BinOp,
    ast.BoolOp, ast.Compare, ast.And, ast.Or, ast.Load, *OPERATORS,
)  # fmt: skip


class ConditionError(Exception):
    """What is wrong with a condition, in words."""


class Condition:
    """A condition that has been read and found harmless; ``keys`` are all values that it names, in order."""

    def __init__(self, text: str) -> None:
        """Raises ConditionError where the text is no condition, or none that depends on a value."""
        self.text = text
        if len(text) > LONGEST:
            raise ConditionError(f"is longer than {LONGEST} characters")
        try:
            self._tree = ast.parse(text.strip(), mode="eval")
            parts = list(_parts(self._tree))
        except (SyntaxError, ValueError, MemoryError, RecursionError) as error:
            reason = error.msg if isinstance(error, SyntaxError) else "it cannot be parsed"
            raise ConditionError(f"is not an expression over value keys: {reason}") from None
        for node in parts:
            _demand_harmless(node)
        self.keys = tuple(dict.fromkeys(key for node in parts if (key := _key(node))))
        for node in parts:
            _demand_variable(node)
        if not self.keys:
            raise ConditionError("is constant: it names no value, so it says nothing about the data")

    def holds(self, values: Mapping[str, Mapping[str, Any]]) -> bool:
        """Whether it is true of ``values`` (entries of values.json by key).

        Raises ConditionError for an unknown or missing value, a comparison of different kinds, and a result that is
        neither true nor false.
        """
        for key in self.keys:
            if key not in values:
                near = ", ".join(get_close_matches(key, values, 3, 0.6)) or "none; look it up in values.json"
                raise ConditionError(f"names the value '{key}', which this build does not have; nearest: {near}")
        try:
            result = _Evaluator(values).eval(self.text, previously_parsed=self._tree.body)
        except ConditionError:
            raise
        except (simpleeval.InvalidExpression, TypeError, ValueError, ArithmeticError, RecursionError) as error:
            raise ConditionError(f"cannot be evaluated: {error}") from None
        if not isinstance(result, bool):
            raise ConditionError(
                f"gives {str(result)[:80]!r}, which is neither true nor false; compare it with something"
            )
        return result


class _Evaluator(simpleeval.EvalWithCompoundTypes):  # type: ignore[misc]  # simpleeval has no types
    """simpleeval with dotted keys for names, nothing to call but FUNCTIONS, and no attributes at all."""

    def __init__(self, values: Mapping[str, Mapping[str, Any]]) -> None:
        super().__init__(operators=OPERATORS, functions=FUNCTIONS, names={})
        # EvalWithCompoundTypes adds list(), tuple() and others.
        self.functions = FUNCTIONS
        self.values = values
        self.nodes |= {ast.Attribute: self._value, ast.Name: self._value, ast.Call: self._call}
        self.nodes |= {ast.BoolOp: self._logic}

    def _value(self, node: ast.AST) -> Any:
        key = _key(node) or ""
        entry = self.values[key]
        if entry["value"] is None:
            raise ConditionError(
                f"needs the value '{key}', which is missing in this build ({entry['reason']}); "
                f"ask available({key}) first"
            )
        return entry["value"]

    def _call(self, node: ast.Call) -> Any:
        if _function(node) == "available":
            return self.values[_key(node.args[0]) or ""]["value"] is not None
        return self._eval_call(node)

    def _logic(self, node: ast.BoolOp) -> bool:
        """And, or: of truths only, so that a number among them is no truth by accident."""
        result = isinstance(node.op, ast.And)
        for operand in node.values:
            truth = self._eval(operand)
            if not isinstance(truth, bool):
                raise ConditionError(f"joins '{ast.unparse(operand)}', which is neither true nor false")
            if truth != result:
                return truth
        return result


def _parts(tree: ast.AST) -> Iterator[ast.AST]:
    """All nodes of a tree, where a dotted key and the name of a function count as one."""
    yield tree
    if _key(tree):
        return
    for child in ast.iter_child_nodes(tree):
        if not (isinstance(tree, ast.Call) and child is tree.func):
            yield from _parts(child)


def _key(node: ast.AST) -> str | None:
    """The dotted key that a chain of names spells, or None."""
    names = []
    while isinstance(node, ast.Attribute):
        names.append(node.attr)
        node = node.value
    return ".".join([node.id, *reversed(names)]) if isinstance(node, ast.Name) else None


def _function(call: ast.Call) -> str:
    return call.func.id if isinstance(call.func, ast.Name) else ast.unparse(call.func)


def _demand_harmless(node: ast.AST) -> None:
    known = [*FUNCTIONS, "available"]
    if isinstance(node, ast.Call):
        if _function(node) not in known or node.keywords:
            raise ConditionError(
                f"calls {_function(node)[:40]}; a condition may call {', '.join(known)} and nothing else"
            )
        if _function(node) == "available" and (len(node.args) != 1 or not _key(node.args[0])):
            raise ConditionError("calls available with something else than one key")
    if not isinstance(node, ALLOWED) or (isinstance(node, ast.Attribute) and not _key(node)):
        kind = type(node).__name__
        raise ConditionError(f"uses {kind}; a condition has keys, numbers, texts, lists, + - * /, comparisons, in, "
                             "and, or, not")  # fmt: skip
    if isinstance(node, ast.Constant) and not isinstance(node.value, bool | int | float | str):
        raise ConditionError(f"uses {node.value!r}, which is no number, text or truth")


def _demand_variable(node: ast.AST) -> None:
    """Refuse parts that are the same whatever the data: operands without a value, a thing compared with itself."""
    truths = node.values if isinstance(node, ast.BoolOp) else [node] if isinstance(node, ast.Compare) else []
    for truth in truths:
        if not any(_key(part) for part in _parts(truth)):
            raise ConditionError(f"is constant where it says '{ast.unparse(truth)}': that names no value")
    if isinstance(node, ast.Compare):
        sides = [ast.dump(side) for side in (node.left, *node.comparators)]
        if len(set(sides)) < len(sides):
            raise ConditionError(f"is constant where it says '{ast.unparse(node)}': it compares a thing with itself")
