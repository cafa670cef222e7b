"""Values as lines of Python that ruff leaves alone at any width from 80 on."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from adapters.airflow.generate.calls import Call, Pairs

WIDTH = 80  # what is longer gets one item a line and a comma after each, which stays at any width


def text(value: str) -> str:
    """A string literal in the quotes that need fewer escapes, double ones if it is all the same."""
    body = repr('"' + value)[2:-1]  # repr then chooses single quotes, and escapes those only
    if value.count('"') > value.count("'"):
        return f"'{body}'"
    return '"' + body.replace("\\'", "'").replace('"', '\\"') + '"'


def indented(lines: Iterable[str]) -> list[str]:
    """The same, further in."""
    return [f"    {line}" if line else "" for line in lines]


def listed(before: str, items: Sequence[str], after: str) -> list[str]:
    """A list on one line where that is short, else one item a line."""
    one_line = f"{before}[{', '.join(items)}]{after}"
    if len(one_line) + 8 <= WIDTH:
        return [one_line]
    return [f"{before}[", *(f"    {item}," for item in items), f"]{after}"]


def literal(before: str, value: object, after: str) -> list[str]:
    """A value of JSON as Python, each item on a line of its own."""
    if isinstance(value, Mapping) and value:
        items = [
            line for name, each in value.items() for line in literal(f"{text(name)}: ", each, ",")
        ]
        return [f"{before}{{", *indented(items), f"}}{after}"]
    if isinstance(value, (list, tuple)) and value:
        items = [line for each in value for line in literal("", each, ",")]
        return [f"{before}[", *indented(items), f"]{after}"]
    if isinstance(value, str):
        return [f"{before}{text(value)}{after}"]
    return [f"{before}{list(value) if isinstance(value, tuple) else value!r}{after}"]


def called(before: str, value: object, after: str, depth: int) -> list[str]:
    """A value with calls in it, on one line where that is short; it stands `depth` signs in."""
    one_line = f"{before}{_on_one_line(value)}{after}"
    if not isinstance(value, (Call, Pairs, list)) or len(one_line) + depth <= WIDTH:
        return [one_line]
    opening, closing = _brackets(value)
    inside = [line for name, each in _items(value) for line in called(name, each, ",", depth + 4)]
    return [f"{before}{opening}", *indented(inside), f"{closing}{after}"]


def _on_one_line(value: object) -> str:
    if isinstance(value, str):
        return text(value)
    if not isinstance(value, (Call, Pairs, list)):
        return repr(value)
    opening, closing = _brackets(value)
    items = ", ".join(f"{name}{_on_one_line(each)}" for name, each in _items(value))
    return f"{opening}{items}{closing}"


def _brackets(value: Call | Pairs | list[object]) -> tuple[str, str]:
    if isinstance(value, Call):
        return f"{value.name}(", ")"
    return ("[", "]") if isinstance(value, list) else ("{", "}")


def _items(value: Call | Pairs | list[object]) -> list[tuple[str, object]]:
    if isinstance(value, list):
        return [("", each) for each in value]
    if isinstance(value, Pairs):
        return [(f"{_on_one_line(name)}: ", each) for name, each in value.pairs]
    named = [(f"{name}=", each) for name, each in value.kwargs.items()]
    return [*(("", each) for each in value.args), *named]
