"""The command line of a step, made from the signature of its function.

A step is a function whose parameters say what they are by their types: files that it reads (:data:`In`, :data:`Ins`),
files that it writes (:data:`Out`, :data:`Outs`), what tells this job from its siblings (:data:`Wildcard`), how many
threads the job was given (:data:`Threads`), and settings (any other type). ``run(step)`` makes options of them, and
words without an option's name of those that are positional-only; ``shell: command("analysis.statistics.rank")`` in a
rule gives each what the rule's input, output, wildcards or params of the same name hold. A parameter with a default is
for people: a rule gives it only by name, as in ``command("paper.render", "study")``.
"""

from __future__ import annotations

import argparse
import ast
import inspect
import json
import sys
import types
from collections.abc import Callable, Mapping, Sequence
from functools import cache
from itertools import zip_longest
from pathlib import Path
from typing import Annotated, Any, Literal, NoReturn, Union, get_args, get_origin, get_type_hints

from analysis import errors
from analysis.printable import printable

In = Annotated[Path, "input"]
Ins = Annotated[list[Path], "input"]
Out = Annotated[Path, "output"]
Outs = Annotated[list[Path], "output"]
Wildcard = Annotated[str, "wildcards"]
Threads = Annotated[int, "threads"]

KINDS = {"In": "input", "Ins": "input", "Out": "output", "Outs": "output", "Wildcard": "wildcards"}
"""Where a rule holds what a parameter of this type is given; a job's threads have no name, the rest are its params."""
TRUTHS = ("True", "False")
PLACED = inspect.Parameter.POSITIONAL_ONLY


def run(step: Callable[..., None]) -> None:
    """Run a step with the options of the command line; a UserError becomes its message and exit code 2."""
    errors.run(lambda: call(step, sys.argv[1:]))


def call(step: Callable[..., None], arguments: Sequence[str]) -> None:
    """Call a step with what the words of a command line say."""
    given = parse(step, arguments)
    places = [given.pop(name) for name, one in inspect.signature(step).parameters.items() if one.kind is PLACED]
    step(*places, **given)


def file_of(module: str) -> Path:
    """The file that runs as ``python -m module``, relative to the project's top."""
    base = Path(*module.split("."))
    return base / "__main__.py" if base.is_dir() else base.with_suffix(".py")


def module_of(shell: str) -> str:
    """The module whose step a shell command made by :func:`command` runs."""
    return shell.split()[2]


@cache
def command(module: str, *named: str) -> str:
    """The shell command by which a rule runs the step of a module or package, its output going to the rule's log.

    ``named`` are the parameters with a default that the rule gives. The module is read and not imported, so that
    reading the workflow imports no library of a step.
    """
    step = _step(file_of(module))
    options = []
    for parameter, default in _parameters(step.args):
        if default is None or parameter.arg in named:
            kind = ast.unparse(parameter.annotation or ast.Name("Any")).removesuffix(" | None")
            place = "" if parameter in step.args.posonlyargs else f"--{_option(parameter.arg)} "
            given = "threads" if kind == "Threads" else f"{KINDS.get(kind, 'params')}.{parameter.arg}:q"
            options.append(f"{place}{{{given}}}")
    if unknown := set(named) - {parameter.arg for parameter, _ in _parameters(step.args)}:
        raise ValueError(f"the step of {module} has no parameter {', '.join(sorted(unknown))}")
    return " ".join([f"python -m {module}", *options, "> {log:q} 2>&1"])


def parse(step: Callable[..., None], arguments: Sequence[str]) -> dict[str, Any]:
    """Values of the parameters of ``step`` by name, read from options; unknown or missing ones end the program."""
    spec = sys.modules[step.__module__].__spec__
    parser = _Parser(
        prog=f"python -m {spec.name.removesuffix('.__main__')}" if spec else None,
        description=inspect.getdoc(step), allow_abbrev=False,
    )  # fmt: skip
    hints = get_type_hints(step)
    for name, parameter in inspect.signature(step).parameters.items():
        optional = parameter.default is not parameter.empty
        read = _reader(hints[name]) | ({"default": parameter.default} if optional else {})
        if parameter.kind is PLACED:
            parser.add_argument(name, **read | ({"nargs": "?"} if optional else {}))
        else:
            parser.add_argument(f"--{_option(name)}", dest=name, required=not optional, **read)
    placed = any(one.kind is PLACED for one in inspect.signature(step).parameters.values())
    switches = [name for name in hints if placed and hints[name] is bool]
    return vars(parser.parse_args(_spelled_out(arguments, switches)))


class _Parser(argparse.ArgumentParser):
    """A parser whose complaint is one line, as other messages are; ``--help`` lists the options."""

    def error(self, message: str) -> NoReturn:
        self.exit(2, f"flowpaper: {printable(message)}; {self.prog} --help tells the options\n")


def _spelled_out(arguments: Sequence[str], switches: Sequence[str]) -> list[str]:
    """The words of a command line, in which a switch that is followed by no truth value says that it is on.

    Otherwise argparse would take the next word, such as the key of ``--synthetic KEY``, for its value; so this is for
    steps with words that have a place.
    """
    options = {f"--{_option(name)}" for name in switches}
    found: list[str] = []
    for word, following in zip_longest(arguments, arguments[1:], fillvalue=""):
        if word == "--":
            return [*found, *arguments[len(found) :]]
        found.append(f"{word}=True" if word in options and following not in TRUTHS else word)
    return found


def _option(name: str) -> str:
    return name.replace("_", "-")


def _reader(kind: Any) -> dict[str, Any]:
    """How argparse reads a value of a type."""
    if get_origin(kind) is list:
        return {"nargs": "*", "type": get_args(kind)[0]}
    if get_origin(kind) is Literal:
        return {"choices": get_args(kind)}
    if get_origin(kind) in (Union, types.UnionType):
        (one,) = (part for part in get_args(kind) if part is not type(None))
        reader = _reader(one)
        return reader | {"type": _or_none(reader["type"])} if "type" in reader else reader
    if kind is bool:
        return {"nargs": "?", "const": True, "type": _truth}
    if kind in (int, float, str, Path):
        return {"type": kind}
    if kind in (dict, Any) or get_origin(kind) in (dict, Mapping):
        return {"type": json.loads}
    raise TypeError(f"no option can hold {kind}: use a file, a number, a text, a list of them, or JSON (dict)")


def _or_none(read: Callable[[str], Any]) -> Callable[[str], Any]:
    def known(text: str) -> Any:
        return None if text == "None" else read(text)

    known.__name__ = read.__name__
    return known


def _truth(text: str) -> bool:
    if text not in TRUTHS:
        raise argparse.ArgumentTypeError(f"give True or False (it is {text!r})")
    return text == "True"


def _parameters(arguments: ast.arguments) -> list[tuple[ast.arg, ast.expr | None]]:
    """Parameters of a function as it is written, each with its default or None."""
    placed = [*arguments.posonlyargs, *arguments.args]
    defaults = [None] * (len(placed) - len(arguments.defaults)) + list(arguments.defaults)
    return [*zip(placed, defaults, strict=True), *zip(arguments.kwonlyargs, arguments.kw_defaults, strict=True)]


def _step(path: Path) -> ast.FunctionDef:
    """The function that the module gives to ``run``."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    functions = {node.name: node for node in tree.body if isinstance(node, ast.FunctionDef)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "run" and node.args:
            (argument,) = node.args
            if isinstance(argument, ast.Name) and argument.id in functions:
                return functions[argument.id]
    raise ValueError(f"{path} gives no function of its own to run(): it is no step")
