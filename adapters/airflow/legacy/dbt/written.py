"""Tables that the SQL of a dbt model names itself, instead of by `ref` or `source`."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

_OPENS = re.compile(r"\{#|\{%|\{\{|/\*|--|'")
_CLOSES = {"{#": "#}", "{%": "%}", "{{": "}}", "/*": "*/", "--": "\n", "'": "'"}
_NO_TABLE = re.compile(
    r"\bDISTINCT\s+FROM\b|\bDELETE\s+FROM\b"
    r"|\b(?:EXTRACT|TRIM|SUBSTRING|OVERLAY|POSITION)\s*\([^()]*(?:\([^()]*\)[^()]*)*\)",
    re.IGNORECASE,
)
_SLOT = re.compile(r"jinjaslot(\d+)x")
_PART = r'(?:"[^"\n]{1,200}"|\[[^\]\n]{1,200}\]|`[^`\n]{1,200}`|[A-Za-z_][\w$-]*)'
_READ = re.compile(
    rf"\b(?:FROM|JOIN)\s+({_PART}(?:\s*\.\s*{_PART})*)(?![\w.]|\s*\()", re.IGNORECASE
)
_NAMED = re.compile(
    rf"\b(\w+)\s*(?:\([^()]*\)\s*)?\bAS\s*\(|(?:\bAS\s+|\)\s*)(\w+)"
    rf"|\b(?:FROM|JOIN)\s+{_PART}(?:\s*\.\s*{_PART})*\s+(?:AS\s+)?(\w+)",
    re.IGNORECASE,
)
_OTHERWISE = re.compile(r"\b(?:ref|source|this|config|graph)\b")
_CALLED = re.compile(r"\b(\w+)\s*\(")
_MOST = 200
_LONGEST = 500_000


def tables_in(sql: str) -> tuple[str, ...]:
    """Names of two parts or more after FROM and JOIN, as the text has them: `{{ a() }}.raw.pets`.

    Not those of `ref` and `source`, of query parts with a name, and of columns of such (`p.toys`).
    """
    plain, slots = _plain(sql[:_LONGEST])
    own = {name.lower() for each in _NAMED.findall(plain) for name in each if name}
    found: dict[str, None] = {}
    for match in _READ.finditer(plain):
        parts = [one.strip() for one in _bare(match[1]).split(".")]
        jinja = [slots[int(one)] for one in _SLOT.findall(match[1])]
        is_named = len(parts) > 1 and all(parts) and parts[0].lower() not in own
        is_told = _SLOT.search(parts[-1]) is None and not any(map(_OTHERWISE.search, jinja))
        if is_named and is_told and len(found) < _MOST:
            found[_SLOT.sub(lambda one: slots[int(one[1])], ".".join(parts))] = None
    return tuple(found)


def macros_for(names: Iterable[str], macros: Mapping[str, str]) -> dict[str, str]:
    """The macros of a project that such names call, also through one another."""
    found: dict[str, str] = {}
    waiting = list(names)
    while waiting:
        for called in _CALLED.findall(waiting.pop()):
            if called in macros and called not in found:
                found[called] = macros[called]
                waiting.append(macros[called])
    return found


def _plain(sql: str) -> tuple[str, list[str]]:
    """The SQL without comments, tags and texts; what is in `{{ }}` is a word there, and told apart.

    Each sign is looked at once, however many of these have no end.
    """
    parts: list[str] = []
    slots: list[str] = []
    at = 0
    while (opens := _OPENS.search(sql, at)) is not None:
        parts.append(sql[at : opens.start()])
        close = _CLOSES[opens[0]]
        end = sql.find(close, opens.end())
        if end < 0:
            break
        at = end + len(close)
        if opens[0] == "{{":
            parts.append(f"jinjaslot{len(slots)}x")
            slots.append(sql[opens.start() : at])
        else:
            parts.append(" '' " if opens[0] == "'" else " ")
    else:
        parts.append(sql[at:])
    return _NO_TABLE.sub(" ", "".join(parts)), slots


def _bare(name: str) -> str:
    return re.sub(r"[\"`\[\]]", "", name)
