"""Texts with `{{ name }}` in them: what is asked of such a value is part of the template."""

import ast
import re
from collections.abc import Callable
from typing import Any

_WHOLE = re.compile(r"\{\{ ([\w.]+(?:\([^{}]*\))?) \}\}")
_ANY = re.compile(r"(\{\{.*?\}\})", re.DOTALL)
_FORM = re.compile(r"([^%]*)(?:%.*)?%-?[A-Za-z]([^%]*)", re.DOTALL)


def inside(text: Any) -> str | None:
    """`ds` of `{{ ds }}`; None for any other text."""
    match = _WHOLE.fullmatch(text) if isinstance(text, str) else None
    return None if match is None else match[1]


def is_templated(text: str) -> bool:
    """Does a part of the text depend on the run?"""
    return "{{" in text or "{%" in text


def has_own_text(text: str) -> bool:
    """Is there more to it than its templates? Then it is neither empty nor None in any run."""
    return "{%" not in text and bool(_ANY.sub("", text).strip())


def extended(text: str, name: str) -> str | None:
    """`{{ dag_run.run_id }}` of `{{ dag_run }}` and `run_id`."""
    found = inside(text)
    if found is None or not re.fullmatch(r"\w+", name):
        return None
    return "{{ now }}" if found == "now" else "{{ " + f"{found}.{name}" + " }}"


def called(text: str, name: str, args: list[Any], named: dict[str, Any]) -> str | None:
    """`{{ execution_date.strftime('%Y') }}`, where all arguments are plain."""
    longer = extended(text, name)
    given = [*args, *named.values()]
    if longer is None or not all(isinstance(each, (str, int)) for each in given):
        return None
    if longer == "{{ now }}":
        before, behind = _ends(name, given)
        return f"{before}{longer}{behind}"
    shown = [repr(each) for each in args]
    shown += [f"{key}={each!r}" for key, each in named.items()]
    if any("{" in each for each in shown):
        return None
    return longer[:-3] + "(" + ", ".join(shown) + ") }}"


def _ends(name: str, given: list[Any]) -> tuple[str, str]:
    """What stands around the parts of a time that is written in a form, `day_%Y%m%d_`."""
    form = given[0] if name == "strftime" and given else ""
    found = _FORM.fullmatch(form) if isinstance(form, str) else None
    return (found[1], found[2]) if found else ("", "")


def outside(text: str, change: Callable[[str], str]) -> str:
    """The text changed, but for its templates."""
    if not is_templated(text):
        return change(text)
    parts = _ANY.split(text)
    return "".join(part if part.startswith("{{") else change(part) for part in parts)


def named_after(node: ast.AST) -> str:
    """`{{ name }}` for what an expression gives, where it has a name."""
    is_name = isinstance(node, (ast.Name, ast.Attribute))
    name = re.sub(r"[^\w.]", "", ast.unparse(node)) if is_name else ""
    return "{{ " + (name or "unknown") + " }}"
