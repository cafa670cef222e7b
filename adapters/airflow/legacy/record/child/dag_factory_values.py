"""Values as `dag-factory` writes them in YAML: dates, typed things, datasets."""

import ast
import re
from datetime import date, datetime, time, timedelta, timezone, tzinfo
from functools import reduce
from typing import Any
from zoneinfo import ZoneInfo

import yaml

from .airflow_datasets import Asset, timetable_class
from .airflow_operators import days_ago
from .dotted import named
from .other_paths import found_here
from .yaml_files import text_of

_SPAN = re.compile(r"^\s*(?P<count>\d+)\s+(?P<unit>hour|minute|second|day)", re.IGNORECASE)
_URI = re.compile(r"[a-zA-Z][a-zA-Z0-9+.-]*://[a-zA-Z0-9\-_/.]+")
_WORD = re.compile(r"\b[a-zA-Z_]\w*\b")


def moment(value: Any, zone: Any = None) -> Any:
    """A date, a text of one, or `2 days`: that long ago, which moves."""
    where = _zone(zone)
    if isinstance(value, datetime):
        return value.replace(tzinfo=where)
    if isinstance(value, date):
        return datetime.combine(value, time.min, where)
    if not isinstance(value, str):
        return value
    if _SPAN.match(value):
        return days_ago(0)
    return datetime.fromisoformat(value.replace("Z", "+00:00")).replace(tzinfo=where)


def span(value: Any) -> Any:
    """`3 hours` as a timedelta; what is one already stays."""
    found = _SPAN.match(value) if isinstance(value, str) else None
    if found is None:
        return value
    return timedelta(**{f"{found['unit'].lower()}s": int(found["count"])})


def _zone(name: Any) -> tzinfo:
    try:
        return ZoneInfo(str(name)) if name else timezone.utc
    except (KeyError, ValueError, OSError):
        return timezone.utc


def typed(value: Any) -> Any:
    """`__type__: datetime.timedelta` with its arguments, made at every depth."""
    if isinstance(value, list):
        return [typed(item) for item in value]
    if not isinstance(value, dict):
        return value
    if value.get("__type__") == "builtins.list" and "items" in value:
        return [typed(item) for item in value["items"]]
    inner = {key: typed(item) for key, item in value.items() if key not in ("__type__", "__args__")}
    if "__type__" not in value:
        return inner
    return named(str(value["__type__"]), ("", 0))(*typed(value.get("__args__") or []), **inner)


def logical(value: Any) -> Any:
    """`__and__`, `__or__` and `__join__` worked out at every depth."""
    if isinstance(value, list):
        return [logical(item) for item in value]
    if not isinstance(value, dict):
        return value
    for key, sign in (("__and__", "&"), ("__or__", "|")):
        if key in value:
            items = [logical(item) for item in value[key]]
            if all(isinstance(item, str) for item in items):
                return f"({f' {sign} '.join(items)})"
            return reduce(lambda one, other: one & other, items)
    if "__join__" in value:
        return "".join(str(logical(item)) for item in value["__join__"])
    return {key: logical(item) for key, item in value.items()}


def schedule_of(given: Any) -> Any:
    """A schedule: text, a list of URIs, or datasets by condition, by file, with a timetable."""
    if isinstance(given, str):
        return None if given.strip().lower() == "none" else given
    if isinstance(given, list):
        return [Asset(uri.strip()) if isinstance(uri, str) else uri for uri in given if uri]
    if not isinstance(given, dict) or not given.get("datasets"):
        return given
    datasets = given["datasets"]
    if not isinstance(datasets, (str, list)):
        return datasets
    text = datasets if isinstance(datasets, str) else " & ".join(str(one) for one in datasets)
    by_name = _datasets_of_file(given["file"]) if given.get("file") else {}
    wanted = _condition(text, by_name)
    if given.get("timetable"):
        kind = timetable_class("DatasetOrTimeSchedule")
        return kind(timetable=given["timetable"], datasets=wanted)
    return wanted


def assets_of(given: Any) -> Any:
    """Inlets or outlets: URIs, or names of datasets in a file."""
    if isinstance(given, dict) and given.get("file") and given.get("datasets"):
        known = _datasets_of_file(given["file"])
        return [Asset(known[name]) for name in given["datasets"] if name in known]
    if isinstance(given, list):
        return [Asset(one) if isinstance(one, str) else one for one in given]
    return given


def _datasets_of_file(path: Any) -> dict[str, str]:
    found = yaml.safe_load(text_of(found_here(str(path)))) or {}
    return {one["name"]: one["uri"] for one in found.get("datasets") or [] if "uri" in one}


def _condition(text: str, by_name: dict[str, str]) -> Any:
    """`(s3://a/x & s3://a/y) | z` as sets of assets; a bare word is a dataset of that name."""
    known: dict[str, Any] = {}

    def word(uri: str) -> str:
        name = f"dataset_{len(known)}"
        known[name] = Asset(by_name.get(uri, uri))
        return name

    plain = _URI.sub(lambda match: word(match[0]), text)
    made = set(known)
    plain = _WORD.sub(lambda match: match[0] if match[0] in made else word(match[0]), plain)
    return _evaluated(ast.parse(plain, mode="eval").body, known)


def _evaluated(node: ast.expr, known: dict[str, Any]) -> Any:
    if isinstance(node, ast.Name):
        return known[node.id]
    if isinstance(node, ast.BinOp) and isinstance(node.op, (ast.BitAnd, ast.BitOr)):
        left, right = _evaluated(node.left, known), _evaluated(node.right, known)
        return left & right if isinstance(node.op, ast.BitAnd) else left | right
    raise ValueError(f"a condition of datasets knows only & and |, not {type(node).__name__}")
