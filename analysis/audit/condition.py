"""Conditions over values, such as ``binary.best.f1 > source.random_forest.f1``: read, checked and evaluated safely.

A cell is named by its address (``analysis.record.address``), and several at once are a list:
``max(scores[split=day_forward].f1) < min(scores[split=random].f1)``.

A condition may use value keys, addresses, numbers, texts, lists, arithmetic, comparisons, ``in``, ``and``, ``or``,
``not`` and the functions named here. Nothing in it can loop, raise to a power or reach beyond the values, and its
length is limited, so it ends at once whatever it says.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from difflib import get_close_matches
from pathlib import Path
from typing import Any

import simpleeval

from analysis.record.address import ADDRESS, Address, AddressError, Tables

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


QUOTED_OR_ADDRESS = re.compile(rf"{ADDRESS.pattern}|'[^']*'|\"[^\"]*\"")


class ConditionError(Exception):
    """What is wrong with a condition, in words."""


class Condition:
    """A condition that has been read and found harmless; ``keys`` are all values that it names, in order."""

    def __init__(self, text: str) -> None:
        """Raises ConditionError where the text is no condition, or none that depends on a value."""
        # A block of YAML has line breaks; they mean nothing.
        self.text = text = " ".join(text.splitlines())
        self._addresses: dict[str, str] = {}
        if len(text) > LONGEST:
            raise ConditionError(f"is longer than {LONGEST} characters")
        try:
            self._tree = ast.parse(QUOTED_OR_ADDRESS.sub(self._stand_in, text.strip()), mode="eval")
            parts = list(_parts(self._tree))
        except (SyntaxError, ValueError, MemoryError, RecursionError) as error:
            reason = error.msg if isinstance(error, SyntaxError) else "it cannot be parsed"
            raise ConditionError(f"is not an expression over value keys: {reason}") from None
        names = tuple(dict.fromkeys(key for node in parts if (key := _key(node))))
        self.keys = tuple(self._addresses.get(name, name) for name in names)
        with self._in_its_words():
            for node in parts:
                _demand_harmless(node)
            for node in parts:
                _demand_variable(node)
        if not self.keys:
            raise ConditionError("is constant: it names no value, so it says nothing about the data")

    def _stand_in(self, match: re.Match[str]) -> str:
        """A name for an address, which Python would take for a subscript; what is quoted stays."""
        if not ADDRESS.fullmatch(match[0]):
            return match[0]
        name = next((name for name, address in self._addresses.items() if address == match[0]), None)
        name = name or f"cell_{len(self._addresses)}_"
        self._addresses[name] = match[0]
        return name

    @contextmanager
    def _in_its_words(self) -> Iterator[None]:
        """Messages name addresses as they were written."""
        try:
            yield
        except ConditionError as error:
            said = re.sub(r"cell_\d+_", lambda match: self._addresses.get(match[0], match[0]), str(error))
            raise ConditionError(said) from None

    def entries(self, values: Mapping[str, Mapping[str, Any]], tables: Tables | None) -> dict[str, Mapping[str, Any]]:
        """The entries of all that it names; ConditionError for what is not there, with the nearest."""
        found: dict[str, Mapping[str, Any]] = {}
        for key in self.keys:
            if key in self._addresses.values():
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
        found = self.entries(values, tables)
        with self._in_its_words():
            return self._holds(found | {name: found[address] for name, address in self._addresses.items()})

    def _holds(self, values: Mapping[str, Mapping[str, Any]]) -> bool:
        result = _evaluate(self._tree.body, values)
        if not isinstance(result, bool):
            raise ConditionError(
                f"gives {str(result)[:80]!r}, which is neither true nor false; compare it with something"
            )
        return result


def _evaluate(tree: ast.expr, values: Mapping[str, Mapping[str, Any]]) -> Any:
    try:
        return _Evaluator(values).eval("", previously_parsed=tree)
    except ConditionError:
        raise
    except (simpleeval.InvalidExpression, TypeError, ValueError, ArithmeticError, RecursionError) as error:
        raise ConditionError(f"cannot be evaluated: {error}") from None


class _Evaluator(simpleeval.EvalWithCompoundTypes):  # type: ignore[misc]  # simpleeval has no types
    """simpleeval with dotted keys for names, nothing to call but FUNCTIONS, and no attributes at all."""

    def __init__(self, values: Mapping[str, Mapping[str, Any]]) -> None:
        # EvalWithCompoundTypes adds list(), tuple() and others to the functions that it is given.
        super().__init__(operators=OPERATORS, functions={}, names={})
        self.functions = dict(FUNCTIONS)
        self.values = values
        self.nodes |= {ast.Attribute: self._value, ast.Name: self._value, ast.Call: self._call}
        self.nodes |= {ast.Compare: self._compare}

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
        return FUNCTIONS[_function(node)](*map(self._eval, node.args))

    def _compare(self, node: ast.Compare) -> bool:
        """Comparisons of things of one kind: a number is no truth, and never among texts."""
        left = self._eval(node.left)
        for operation, comparator in zip(node.ops, node.comparators, strict=True):
            right = self._eval(comparator)
            within = isinstance(operation, ast.In | ast.NotIn)
            fits = _may_hold(right, left) if within else _kind(left) == _kind(right)
            if not fits:
                raise ConditionError(
                    f"cannot be evaluated: '{ast.unparse(node)}' compares {_kind(left)} with {_kind(right)}"
                )
            if not OPERATORS[type(operation)](left, right):
                return False
            left = right
        return True


def _kind(value: Any) -> str:
    """What a value is, in words."""
    kinds = {bool: "a truth", int: "a number", float: "a number", str: "a text", list: "a list", tuple: "a list"}
    return kinds.get(type(value), type(value).__name__)


def _may_hold(container: Any, value: Any) -> bool:
    """Whether a list has only things of the kind of ``value``, or a text may hold it."""
    if isinstance(container, list | tuple):
        return all(_kind(one) == _kind(value) for one in container)
    return isinstance(container, str) and isinstance(value, str)


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
