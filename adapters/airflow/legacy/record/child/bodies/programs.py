"""Programs as they read their command line: argparse, click, typer, `sys.argv`, Glue's options,
Databricks' widgets. An option that is not given and has no default is `{{ name }}`.
"""

from __future__ import annotations

import ast
import sys
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import partial
from typing import Any

from .values import UNKNOWN, Bound, Instance, Made, Native, Routine, SourceClass

_FLAGS = frozenset(("store_true", "store_false", "count", "append_const", "store_const", "version"))
_SEVERAL = ("+", "*")


@dataclass(slots=True)
class Option:
    """One word or option that a program understands."""

    name: str
    flags: tuple[str, ...] = ()
    default: Any = UNKNOWN
    is_flag: bool = False
    is_list: bool = False
    is_whole: bool = False
    is_required: bool = False

    def of(self, text: str) -> Any:
        is_whole = self.is_whole and text.lstrip("-").isdigit()
        return int(text) if is_whole else text


def read(options: list[Option], words: list[str]) -> dict[str, Any]:
    """What each option stands for when the program is given these words."""
    known = {flag: each for each in options for flag in each.flags}
    found: dict[str, Any] = {}
    rest: list[str] = []
    waiting = list(words)
    while waiting:
        word = waiting.pop(0)
        name, equals, value = word.partition("=")
        if name in known:
            _take(known[name], [value] if equals else waiting, found)
        elif not word.startswith("-") or word == "-":
            rest.append(word)
    for each in (each for each in options if not each.flags and rest):
        taken, rest = (rest, []) if each.is_list else (rest[:1], rest[1:])
        found[each.name] = [each.of(one) for one in taken] if each.is_list else each.of(taken[0])
    return {each.name: found.get(each.name, _missing(each)) for each in options}


def _take(option: Option, waiting: list[str], found: dict[str, Any]) -> None:
    """Take the value of an option from the words that wait."""
    if option.is_flag:
        found[option.name] = option.default is not True
    elif option.is_list:
        given = found.setdefault(option.name, [])
        while waiting and not waiting[0].startswith("-"):
            given.append(option.of(waiting.pop(0)))
    elif waiting:
        found[option.name] = option.of(waiting.pop(0))


def _missing(option: Option) -> Any:
    if option.default is not UNKNOWN and option.default is not None:
        return option.default
    if option.is_flag:
        return False
    if option.default is None and not option.is_required and option.flags:
        return None
    return "{{ " + option.name + " }}"


def option_of(names: Iterable[Any], named: dict[str, Any]) -> Option | None:
    """An option as `add_argument` and `click.option` describe one."""
    texts = [each for each in names if isinstance(each, str)]
    flags = tuple(each for each in texts if each.startswith("-"))
    plain = [each for each in texts if not each.startswith("-")]
    longest = next((each for each in flags if each.startswith("--")), next(iter(flags), ""))
    name = named.get("dest") or next(iter(plain), None) or longest.split("/")[0].lstrip("-")
    if not isinstance(name, str) or not name:
        return None
    kind = named.get("type")
    several = named.get("nargs")
    default = named.get("default", None if flags else UNKNOWN)
    is_flag = named.get("action") in _FLAGS or named.get("is_flag") is True
    return Option(
        name=name.replace("-", "_"),
        flags=flags,
        default=True if named.get("action") == "store_false" else default,
        is_flag=is_flag,
        is_list=several in _SEVERAL
        or several == -1
        or (isinstance(several, int) and several > 1)
        or named.get("action") == "append"
        or named.get("multiple") is True,
        is_whole=isinstance(kind, Made) and kind.path == "builtins.int",
        is_required=named.get("required") is True,
    )


def parser(*_: Any, **__: Any) -> Instance:
    """An `argparse.ArgumentParser`."""
    options: list[Option] = []
    made = Instance(SourceClass("ArgumentParser", [], {}))

    def add(args: list[Any], named: dict[str, Any]) -> Any:
        option = option_of(args, named)
        if option is not None:
            options.append(option)
        return UNKNOWN

    def parse(args: list[Any], _: dict[str, Any]) -> Instance:
        words = args[0] if args and isinstance(args[0], list) else sys.argv[1:]
        return _namespace(read(options, [each for each in words if isinstance(each, str)]))

    def set_defaults(_: list[Any], named: dict[str, Any]) -> Any:
        options.extend(Option(name, ("",), value) for name, value in named.items())
        return UNKNOWN

    same = Native(lambda _, __: made)
    made.attributes = {
        "add_argument": Native(add),
        "add_argument_group": same,
        "add_mutually_exclusive_group": same,
        "add_subparsers": same,
        "add_parser": Native(partial(_sub_command, made)),
        "parse_args": Native(parse),
        "parse_known_args": Native(lambda args, named: [parse(args, named), []]),
        "set_defaults": Native(set_defaults),
    }
    return made


def _sub_command(made: Instance, args: list[Any], _: dict[str, Any]) -> Instance:
    """The options of a sub-command count if it is the one that is asked for."""
    return made if not args or args[0] in sys.argv[1:] else parser()


def _namespace(values: dict[str, Any]) -> Instance:
    found = Instance(SourceClass("Namespace", [], {}))
    found.attributes = values
    return found


def attributes(value: Any = None, *_: Any, **__: Any) -> Any:
    """`vars(arguments)`."""
    return dict(value.attributes) if isinstance(value, Instance) else UNKNOWN


def resolved(words: Any = None, names: Any = None, *_: Any, **__: Any) -> Any:
    """Glue's `getResolvedOptions(sys.argv, ["target"])`."""
    if not isinstance(names, list):
        return UNKNOWN
    options = [Option(each, (f"--{each}",), UNKNOWN) for each in names if isinstance(each, str)]
    given = [each for each in words if isinstance(each, str)] if isinstance(words, list) else []
    return read(options, given)


def widgets(named: dict[str, Any]) -> Instance:
    """Databricks' `dbutils`, whose widgets say what a notebook is given."""
    defaults: dict[str, Any] = {}

    def declare(args: list[Any], more: dict[str, Any]) -> Any:
        name = args[0] if args else more.get("name")
        value = args[1] if len(args) > 1 else more.get("defaultValue", UNKNOWN)
        if isinstance(name, str):
            defaults[name] = value
        return UNKNOWN

    def get(args: list[Any], more: dict[str, Any]) -> Any:
        name = args[0] if args else more.get("name")
        if not isinstance(name, str):
            return UNKNOWN
        value = named.get(name, defaults.get(name, UNKNOWN))
        return "{{ " + name + " }}" if value is UNKNOWN or value == "" else value

    inner = Instance(SourceClass("Widgets", [], {}))
    kinds = ("text", "dropdown", "combobox", "multiselect")
    inner.attributes = {"get": Native(get), "getArgument": Native(get)}
    inner.attributes.update(dict.fromkeys(kinds, Native(declare)))
    found = Instance(SourceClass("Utilities", [], {}))
    found.attributes = {"widgets": inner}
    return found


def command_of(
    routine: Routine, words: list[str], visit: Callable[[ast.AST], Any]
) -> tuple[bool, Bound | None]:
    """(is it a command, the function with what the command line gives it), by its decorators."""
    options: list[Option] = []
    is_command = False
    for each in routine.node.decorator_list:
        named = each.func if isinstance(each, ast.Call) else each
        word = named.attr if isinstance(named, ast.Attribute) else getattr(named, "id", "")
        if word in ("command", "group", "callback"):
            is_command = True
        elif word in ("option", "argument") and isinstance(each, ast.Call):
            by_name = {one.arg: visit(one.value) for one in each.keywords if one.arg}
            option = option_of([visit(one) for one in each.args], by_name)
            if option is not None:
                options.append(option)
    if not is_command:
        return False, None
    return True, given_to(routine, words, visit, options)


def given_to(
    routine: Routine,
    words: list[str],
    visit: Callable[[ast.AST], Any],
    options: list[Option] | None = None,
) -> Bound:
    """The function with what a command line gives it; its parameters say how, where no options do:
    what has a default is an option.
    """
    found = options or [_of_parameter(*each, visit) for each in _parameters(routine.node)]
    return Bound(routine, [], read(found, words))


def _parameters(node: Any) -> list[tuple[ast.arg, ast.expr | None]]:
    given = node.args
    defaults: list[ast.expr | None] = [None] * (len(given.args) - len(given.defaults))
    pairs = list(zip(given.args, [*defaults, *given.defaults], strict=True))
    return [*pairs, *zip(given.kwonlyargs, given.kw_defaults, strict=True)]


def _of_parameter(
    parameter: ast.arg, default: ast.expr | None, visit: Callable[[ast.AST], Any]
) -> Option:
    flag = "--" + parameter.arg.replace("_", "-")
    flags: tuple[str, ...] = (flag, "--" + parameter.arg) if default is not None else ()
    value: Any = UNKNOWN
    kind = ast.unparse(default.func) if isinstance(default, ast.Call) else ""
    if isinstance(default, ast.Call) and kind.endswith(("Option", "Argument")):
        texts = [one.value for one in default.args[1:] if isinstance(one, ast.Constant)]
        flags = () if kind.endswith("Argument") else (*flags, *map(str, texts))
        value = visit(default.args[0]) if default.args else UNKNOWN
        value = UNKNOWN if value is ... else value
    elif default is not None:
        value = visit(default)
    if value is None:
        value = UNKNOWN
    is_list = parameter.annotation is not None and "ist[" in ast.unparse(parameter.annotation)
    return Option(parameter.arg, flags, value, is_flag=isinstance(value, bool), is_list=is_list)
