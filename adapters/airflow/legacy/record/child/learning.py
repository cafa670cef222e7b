"""What an error tells of the texts that nobody supplied: what the code expects them to be. Then the
file is run once more with that.
"""

import ast
import contextlib
import linecache
import re
from collections.abc import Iterator
from types import CodeType, FrameType, TracebackType
from typing import Any

from .assumptions import NAME, SHIPPED, AssumedText, assumptions, name_of_file
from .expected_texts import chain_of, members_asked_for, parts_asked_for, told_by
from .journal import journal

_MISSED = re.compile(r"cannot import name '(\w+)' from '([\w.]+)'")
_COMPUTED = (ast.Call, ast.Subscript, ast.JoinedStr)


def expected_by(error: BaseException) -> None:
    """Of an error: the file or the name that is missing, the Variable that the code stumbled over,
    what it wants of the environment, and the form or the key that an assumed text should have had.
    """
    if isinstance(error, FileNotFoundError) and isinstance(error.filename, str):
        assumptions.offer(name_of_file(error.filename), ["unknown"])
    if isinstance(error, ImportError) and not journal.is_user_file(error.path or ""):
        missed = _MISSED.match(str(error))
        if missed is not None:
            assumptions.offer(f"{NAME}{missed[2]}.{missed[1]}", ["unknown"])
    if isinstance(error, (TypeError, AttributeError, LookupError, ValueError)):
        for variable in _stumbled_over(error):
            assumptions.offer(f"{SHIPPED}{variable}", ["unknown"])
    if assumptions.without:
        assumptions.want(str(error))
    if not assumptions.made:
        return
    for one in chain_of(error):
        _learn_form(one)
    _learn_keys(error)


def _learn_keys(error: BaseException) -> None:
    """The keys of the dicts that a text was looked up in, on the way to the error."""
    missing = error.args[0] if isinstance(error, KeyError) and error.args else None
    for frame, line in _frames(error.__traceback__):
        for key, found in _looked_up(frame, line):
            origin = assumptions.origin_of(missing if key is None else key)
            if origin is not None and type(found) is dict:
                keys = [one for one in found if type(one) is str]
                assumptions.offer(origin, keys)
                if origin == assumptions.origin_of(missing):
                    assumptions.give_way(origin, keys)


def _learn_form(error: BaseException) -> None:
    """The form of a text that a library or the code itself asks for."""
    for origin, text in told_by(error, assumptions.made):
        assumptions.expect(origin, [text])
    split, sign = assumptions.last_split
    parts = parts_asked_for(error)
    if split and parts:
        assumptions.expect(split, [sign.join([split] * parts)])
    for frame, _ in _frames(error.__traceback__):
        text, members = members_asked_for(error, frame.f_globals)
        whole = assumptions.origin_of(text)
        if whole is not None:
            assumptions.expect(whole, members)


def _frames(trace: TracebackType | None) -> Iterator[tuple[FrameType, int]]:
    """The user's frames and their lines, one for each line however deep a recursion goes."""
    seen: set[tuple[CodeType, int]] = set()
    while trace is not None:
        place = (trace.tb_frame.f_code, trace.tb_lineno)
        if place not in seen and journal.is_user_file(place[0].co_filename):
            seen.add(place)
            yield trace.tb_frame, trace.tb_lineno
        trace = trace.tb_next


def _stumbled_over(error: BaseException) -> Iterator[str]:
    """The Variables of the code base's own whose values are named in a line of an error."""
    for frame, line in _frames(error.__traceback__) if assumptions.handed_out else ():
        names = {**frame.f_globals, **frame.f_locals}
        for node in ast.walk(_tree_of(frame)):
            if isinstance(node, (ast.Name, ast.Attribute)) and node.lineno == line:
                known = assumptions.handed_out.get(id(_value(node, names)))
                if known is not None:
                    yield known[0]


def _tree_of(frame: FrameType) -> ast.AST:
    source = "".join(linecache.getlines(frame.f_code.co_filename))
    try:
        return ast.parse(source)
    except (SyntaxError, ValueError, RecursionError):
        return ast.Module([], [])


def _looked_up(frame: FrameType, line: int) -> Iterator[tuple[Any, Any]]:
    """(key, container) of each `container[key]` and `key in container` of the function so far; None
    for a key that is computed in the very line.
    """
    names = {**frame.f_globals, **frame.f_locals}
    for node in ast.walk(_tree_of(frame)):
        if frame.f_code.co_firstlineno <= getattr(node, "lineno", 0) <= line:
            if isinstance(node, ast.Subscript):
                is_here = line <= (node.end_lineno or 0) and isinstance(node.slice, _COMPUTED)
                key = None if is_here else _value(node.slice, names)
                if is_here or key is not None:
                    yield key, _value(node.value, names)
            elif isinstance(node, ast.Call):
                yield from _asked_by_get(node, names)
            elif isinstance(node, ast.Compare) and isinstance(node.ops[0], (ast.In, ast.NotIn)):
                yield _value(node.left, names), _value(node.comparators[0], names)


def _asked_by_get(node: ast.Call, names: dict[str, Any]) -> Iterator[tuple[Any, Any]]:
    if isinstance(node.func, ast.Attribute) and node.func.attr == "get" and node.args:
        key = _value(node.args[0], names)
        if key is not None:
            yield key, _value(node.func.value, names)


def _value(node: ast.expr, names: dict[str, Any]) -> Any:
    """What a name, an attribute, an item, a dict, or `env.lower()` stands for; nothing is run."""
    found = None
    if isinstance(node, ast.Name):
        found = names.get(node.id)
    elif isinstance(node, ast.Attribute):
        owner = _value(node.value, names)
        found = vars(owner).get(node.attr) if hasattr(owner, "__dict__") else None
    elif isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
        owner = _value(node.func.value, names)
        found = owner if isinstance(owner, AssumedText) else None
    elif isinstance(node, ast.Subscript):
        at, owner = node.slice, _value(node.value, names)
        key = at.value if isinstance(at, ast.Constant) else _value(at, names)
        if type(owner) in (dict, list):
            with contextlib.suppress(LookupError, TypeError):
                found = owner[key]
    elif isinstance(node, ast.Dict):
        found = {key.value: None for key in node.keys if isinstance(key, ast.Constant)}
    return found
