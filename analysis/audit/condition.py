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

from analysis.audit.probe import probes

LONGEST = 500
"""Characters that a condition may have."""
ENOUGH = 20
"""Draws of values that must be understood before a condition that never changes is called constant."""
FUNCTIONS: dict[str, Callable[..., Any]] = {"abs": abs, "min": min, "max": max, "len": len, "all": all, "any": any}
"""Besides these, ``available(key)`` says whether a value is there and not missing."""
NEEDED = {"abs": "a number", "min": "a number", "max": "a number", "all": "a truth", "any": "a truth"}
"""What the things are that a function gets."""
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


class KindError(ConditionError):
    """A thing of one kind where only another makes sense, such as a number in the place of a truth."""


class Condition:
    """A condition that has been read and found harmless; ``keys`` are all values that it names, in order."""

    def __init__(self, text: str) -> None:
        """Raises ConditionError where the text is no condition, or none that depends on a value."""
        # A block of YAML has line breaks; they mean nothing.
        self.text = text = " ".join(text.splitlines())
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
        result = _evaluate(self._tree.body, values)
        if not isinstance(result, bool):
            raise ConditionError(
                f"gives {str(result)[:80]!r}, which is neither true nor false; compare it with something"
            )
        return result

    def demand_dependence(self, values: Mapping[str, Mapping[str, Any]]) -> None:
        """Raise ConditionError where it, or a truth in it, is the same for whatever values of the kinds of ``values``.

        A part that the values of this build do not reach, as the second of ``or``, is looked at all the same.
        """
        try:
            guesses = _guesses(self._tree.body)
            # The smallest part first, which is the one to name.
            for truth in reversed(list(_truths(self._tree.body))):
                found = _results(truth, values, guesses)
                if len(found) > ENOUGH and len(set(found)) == 1:
                    always = "true" if found[0] else "false"
                    raise ConditionError(f"is constant: '{ast.unparse(truth)}' is {always} whatever the values")
        except RecursionError:
            raise ConditionError("is nested too deeply") from None


def _truths(node: ast.AST) -> Iterator[ast.expr]:
    """All parts of a tree that are true or false: the whole, what is joined or negated, and comparisons."""
    negated = isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not)
    asked = isinstance(node, ast.Call) and _function(node) in ("all", "any", "available")
    if isinstance(node, ast.expr) and (negated or asked or isinstance(node, ast.BoolOp | ast.Compare)):
        yield node
    if not _key(node):
        for child in ast.iter_child_nodes(node):
            yield from _truths(child)


def _guesses(tree: ast.AST) -> dict[str, str]:
    """The kind of each value by what a condition does with it, for values that a build does not have."""
    kinds: dict[str | None, str] = {}
    for node in _parts(tree):
        sides = [node.left, *node.comparators] if isinstance(node, ast.Compare) else []
        texts = any(isinstance(side, ast.Constant) and isinstance(side.value, str) for side in sides)
        if isinstance(node, ast.Compare) and isinstance(node.ops[0], ast.In | ast.NotIn):
            kinds |= {_key(sides[0]): "text", _key(sides[1]): "list"}
        elif isinstance(node, ast.BoolOp):
            kinds |= {_key(operand): "truth" for operand in node.values}
        elif isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not):
            kinds |= {_key(node.operand): "truth"}
        elif texts:
            kinds |= {_key(side): "text" for side in sides}
    whole = {_key(tree): "truth"}
    return {key: kind for key, kind in (kinds | whole).items() if key}


def _results(truth: ast.expr, values: Mapping[str, Mapping[str, Any]], guesses: Mapping[str, str]) -> list[bool]:
    """What a part of a condition gives for one set of values after another, until it gives both."""
    nodes = list(_parts(truth))
    keys = list(dict.fromkeys(key for node in nodes if (key := _key(node))))
    asked = {
        _key(node.args[0]) or "" for node in nodes if isinstance(node, ast.Call) and _function(node) == "available"
    }
    named = [node.value for node in nodes if isinstance(node, ast.Constant)]
    found: list[bool] = []
    for drawn in probes(values, keys, asked, named, guesses):
        try:
            found.append(_evaluate(truth, drawn))
        except ConditionError as error:
            # Of the build's own values, which come first, a wrong kind is the condition's mistake.
            if isinstance(error, KindError) and all(drawn[key]["value"] is _value_of(values, key) for key in keys):
                raise
        if len(set(found)) > 1:
            break
    return found


def _value_of(values: Mapping[str, Mapping[str, Any]], key: str) -> Any:
    return values.get(key, {}).get("value")


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
        self.nodes |= {ast.BoolOp: self._logic, ast.UnaryOp: self._unary, ast.BinOp: self._arithmetic}
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
        given = [self._eval(argument) for argument in node.args]
        things = given[0] if len(given) == 1 and isinstance(given[0], list | tuple) else given
        needed = NEEDED.get(_function(node))
        for thing in things if needed else ():
            if _kind(thing) != needed:
                raise KindError(f"cannot be evaluated: {_function(node)} needs {needed} and gets {_kind(thing)}, "
                                f"{str(thing)[:40]!r}, in '{ast.unparse(node)[:80]}'")  # fmt: skip
        return FUNCTIONS[_function(node)](*given)

    def _truth(self, node: ast.expr, does: str) -> bool:
        """The result of an operand that has to be a truth, so that a number is none by accident."""
        truth = self._eval(node)
        if not isinstance(truth, bool):
            raise KindError(f"{does} '{ast.unparse(node)}', which is neither true nor false")
        return truth

    def _logic(self, node: ast.BoolOp) -> bool:
        result = isinstance(node.op, ast.And)
        for operand in node.values:
            if self._truth(operand, "joins") != result:
                return not result
        return result

    def _unary(self, node: ast.UnaryOp) -> Any:
        if isinstance(node.op, ast.Not):
            return not self._truth(node.operand, "negates")
        return OPERATORS[type(node.op)](self._number(node.operand))

    def _arithmetic(self, node: ast.BinOp) -> Any:
        return OPERATORS[type(node.op)](self._number(node.left), self._number(node.right))

    def _number(self, node: ast.expr) -> Any:
        value = self._eval(node)
        if _kind(value) != "a number":
            raise KindError(f"cannot be evaluated: '{ast.unparse(node)[:80]}' is {_kind(value)}, and no number")
        return value

    def _compare(self, node: ast.Compare) -> bool:
        """Comparisons of things of one kind: a number is no truth, and never among texts."""
        left = self._eval(node.left)
        for operation, comparator in zip(node.ops, node.comparators, strict=True):
            right = self._eval(comparator)
            within = isinstance(operation, ast.In | ast.NotIn)
            fits = _may_hold(right, left) if within else _kind(left) == _kind(right)
            if not fits:
                raise KindError(
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
