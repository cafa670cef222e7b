"""What methods, formatting and parts of texts give, as far as they are known."""

# Plain os.path: paths are texts here, known in part. One branch for each kind of value.
# ruff: noqa: PLR0911, PTH119, PTH120, PTH122

import ast
import os.path
import re
import string
from typing import Any

from ..assumptions import AssumedText
from . import sources, templated
from .values import UNKNOWN, Made, Member

_CHANGES = frozenset(
    """
    strip rstrip lstrip lower upper replace removeprefix removesuffix title capitalize zfill
    casefold swapcase ljust rjust expandtabs
    """.split()  # noqa: SIM905
)
_SPLITS = frozenset(("split", "rsplit", "splitlines", "partition", "rpartition"))
_ASKS = frozenset(("startswith", "endswith", "isdigit", "isalpha", "find", "index", "count"))
_SAME = frozenset(
    """
    as_posix resolve absolute expanduser encode decode __str__ value as_uri getvalue isoformat
    __fspath__ format_map as_string bindparams execution_options
    """.split()  # noqa: SIM905
)


_SPANS = ("timedelta", "relativedelta", "duration", "DateOffset")
SCRATCH = "/tmp/{{ scratch }}"  # noqa: S108 - a text, nothing is written
HOME = "/{{ HOME }}"


def shown(value: Any, node: ast.AST) -> str:
    """A value inside a text; what only the run knows is a template of its name."""
    if isinstance(value, str):
        return str.__str__(value)
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        return str(value)
    return templated.named_after(node)


def shown_alone(value: Any) -> str:
    """As `shown`, of a value that no name stands for."""
    is_text = isinstance(value, (str, int, float)) and not isinstance(value, bool)
    return str(value) if is_text else "{{ unknown }}"


def at_home(path: str) -> str:
    """A path with `~` as the home that it stands for."""
    return HOME + path[1:] if path == "~" or path.startswith("~/") else path


def method(text: str, name: str, args: list[Any], named: dict[str, Any]) -> Any:
    """What a method of a text, or of a path, gives; None where that is not known."""
    found = templated.called(text, name, args, named)
    if found is not None and name not in _CHANGES | _SAME:
        return found
    if name == "join":
        items = args[0] if args and isinstance(args[0], list) else [UNKNOWN]
        return text.join(map(shown_alone, items))
    if name == "format":
        return filled(text, args, named)
    if name in ("substitute", "safe_substitute"):
        return _substituted(text, {**_first(args), **named})
    if name == "render":
        return _rendered(text, {**_first(args), **named})
    if name == "format_map":
        return filled(text, [], _first(args))
    if name in _SAME:
        return at_home(text) if name == "expanduser" else text
    if name in _CHANGES:
        return _changed(text, name, args)
    if name in _SPLITS or name in _ASKS:
        return _asked(text, name, args, named)
    return _of_path(text, name, args)


def _changed(text: str, name: str, args: list[Any]) -> Any:
    if not all(isinstance(each, (str, int)) for each in args):
        return text  # a date's `replace(tzinfo=…)`: the text stands for something else
    try:
        return templated.outside(text, lambda part: getattr(part, name)(*args))
    except TypeError:
        return text


def _asked(text: str, name: str, args: list[Any], named: dict[str, Any]) -> Any:
    if not all(isinstance(each, (str, int)) for each in (*args, *named.values())):
        return None
    if isinstance(text, AssumedText) or templated.inside(text) is not None:
        return None
    if templated.is_templated(text) and name not in _SPLITS:
        return UNKNOWN
    try:
        found = getattr(text, name)(*args, **named)
    except (TypeError, ValueError):
        return UNKNOWN
    return list(found) if isinstance(found, tuple) else found


def _of_path(path: str, name: str, args: list[Any]) -> Any:
    texts = [shown_alone(each) for each in args]
    if name == "joinpath":
        return joined([path, *texts])
    if name in ("with_suffix", "with_name", "with_stem") and len(texts) == 1:
        folder, _, last = path.rpartition("/")
        stem, ending = os.path.splitext(last)
        changed = {
            "with_suffix": stem + texts[0],
            "with_name": texts[0],
            "with_stem": texts[0] + ending,
        }[name]
        return f"{folder}/{changed}" if folder else changed
    if name in ("glob", "rglob") and len(texts) == 1:
        pattern = joined([path, "**", texts[0]] if name == "rglob" else [path, texts[0]])
        return sources.matching(pattern) or [pattern]
    if name == "iterdir":
        return sources.matching(joined([path, "*"])) or None
    return None


def attribute(text: str, name: str) -> Any:
    """A part of a path, or of what a template stands for; None where it has none of that name."""
    if isinstance(text, Member) and name in ("name", "value"):
        return text.label if name == "name" else str.__str__(text)
    longer = templated.extended(text, name)
    if longer is not None:
        return longer
    if name == "parent":
        return os.path.dirname(text.rstrip("/"))
    if name == "parents":
        return _parents(text)
    if name == "name" and text == SCRATCH:
        return text
    if name in ("name", "stem", "suffix"):
        last = os.path.basename(text.rstrip("/"))
        stem, ending = os.path.splitext(last)
        return {"name": last, "stem": stem, "suffix": ending}[name]
    if name == "parts":
        return [part for part in text.split("/") if part]
    return text if name in ("value", "uri") else None


def _parents(path: str) -> list[str]:
    found = []
    while os.path.dirname(path) not in ("", path):
        path = os.path.dirname(path)
        found.append(path)
    return found


def joined(parts: list[str]) -> str:
    """A path out of its parts; one that begins at the root begins anew."""
    path = parts[0]
    for part in parts[1:]:
        is_absolute = part.startswith("/") and "://" not in path
        path = part if is_absolute else f"{path.rstrip('/')}/{part.lstrip('/')}" if path else part
    return path


def added(left: Any, right: Any, left_node: ast.AST, right_node: ast.AST) -> Any:
    """`left + right`."""
    if isinstance(left, list) and isinstance(right, list):
        return left + right
    if isinstance(left, str) or isinstance(right, str):
        if isinstance(left, (list, dict)) or isinstance(right, (list, dict)):
            return UNKNOWN
        return shown(left, left_node) + shown(right, right_node)
    return UNKNOWN


def is_span(value: Any) -> bool:
    """Is it a length of time, such as a `timedelta`?"""
    return isinstance(value, Made) and value.chain[-1]["name"] in _SPANS


def is_moment(value: Any) -> bool:
    """Is it a time that is known by name, such as that of the run?"""
    return isinstance(value, str) and templated.inside(value) is not None


def formatted(text: str, values: Any) -> str:
    """`text % values`, as far as they are known."""
    waiting = list(values) if isinstance(values, list) else []

    def one(match: "re.Match[str]") -> str:
        if match[0] == "%%":
            return "%"
        if match[1] is not None:
            value = values.get(match[1], UNKNOWN) if isinstance(values, dict) else UNKNOWN
            name = match[1]
        else:
            value = waiting.pop(0) if waiting else UNKNOWN
            name = "unknown"
        is_text = isinstance(value, (str, int, float))
        return str(value) if is_text else "{{ " + name + " }}"

    return re.sub(r"%%|%(?:\((\w+)\))?[-#0-9.]*[sdirf]", one, text)


def filled(text: str, args: list[Any], named: dict[str, Any]) -> str:
    """`text.format(*args, **named)`, as far as they are known."""
    written = []
    place = 0
    try:
        parts = list(string.Formatter().parse(text))
    except ValueError:
        return text
    for plain, field, spec, _ in parts:
        written.append(plain)
        if field is None:
            continue
        key, dot, rest = field.partition(".")
        if key == "":
            key, place = str(place), place + 1
        name, _, item = key.partition("[")
        value = _given(name, args, named)
        if item and isinstance(value, dict):
            value = value.get(item.rstrip("]"), UNKNOWN)
        if dot and isinstance(value, str):
            value = attribute(value, rest)
        label = name if not name.isdigit() else "unknown"
        written.append(_with_spec(value, spec or "", label))
    return "".join(written)


def _given(name: str, args: list[Any], named: dict[str, Any]) -> Any:
    if name.isdigit():
        return args[int(name)] if int(name) < len(args) else UNKNOWN
    return named.get(name, UNKNOWN)


def _with_spec(value: Any, spec: str, name: str) -> str:
    if not isinstance(value, (str, int, float)):
        return "{{ " + name + " }}"
    return with_spec(value, spec)


def with_spec(value: Any, spec: str) -> str:
    """`f"{value:spec}"` of a text or a number."""
    try:
        return format(value, spec) if spec and not isinstance(value, str) else str(value)
    except ValueError:
        return str(value)


def _first(args: list[Any]) -> dict[str, Any]:
    return args[0] if args and isinstance(args[0], dict) else {}


def _rendered(text: str, values: dict[str, Any]) -> str:
    """A Jinja template with those of its names filled in that are known texts."""

    def one(match: "re.Match[str]") -> str:
        value: Any = values
        for name in match[1].split("."):
            value = value.get(name) if isinstance(value, dict) else None
        return str(value) if isinstance(value, (str, int)) else match[0]

    return re.sub(r"\{\{-?\s*([\w.]+)\s*-?\}\}", one, text)


def _substituted(text: str, values: dict[str, Any]) -> str:
    """`string.Template(text).substitute(values)`."""
    texts = {key: shown_alone(each) for key, each in values.items() if isinstance(key, str)}
    return string.Template(text).safe_substitute(texts)
