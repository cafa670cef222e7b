"""What fills the places of a line: texts, paths, and the names that objects were made with."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import PureWindowsPath

from pydantic import JsonValue

from adapters.airflow.legacy.snapshot import Call
from adapters.airflow.lineage.certainty import ROUGH
from adapters.airflow.lineage.families.calls.connecting import UNKNOWN_SERVER
from adapters.airflow.lineage.families.calls.servers import made_by
from adapters.airflow.lineage.templates import MARK

PARAMETER = re.compile(r"\{([\w.|]+)(\?|=[\w]+)?\}")
URL = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*://\S")
_RELATIVE = re.compile(
    r"(?!\.\.?$)[^\s<>|*?\"';,()=]*(/[^\s<>|\"';()]*|\.[A-Za-z][A-Za-z0-9]{1,7})"
)
_NAMED_BY = (
    "Table",
    "from_string",
    "text",
    "TableReference",
    "Dataset",
    "Asset",
    "dataset",
    "table",
    "get_table",
    "DeltaTable",
    *("blob", "get_blob", "Blob", "bucket", "get_bucket"),
)
_QUEUES = {"topic_path": "topics", "subscription_path": "subscriptions"}
_QUEUE = re.compile(r"projects/([^/\s]+)/(?:topics|subscriptions)/([^/\s]+)")
SERVERS = ("server", "host", "url")
_MOST_NAMED = 3
_CWD = "file:///{cwd}/"
_SHARED = re.compile(r"\\\\[\w.-]+\\[^\\\n][^\n]*")
TABLE = re.compile(r"[\w${}-]+([.:][\w${}-]+)*")


def named_by(value: JsonValue, depth: int = 0) -> JsonValue:
    """The name that an object was made with: `dataset("d").table("t")` is `d.t`."""
    chain = made_by(value)
    if chain and chain[-1].name in _QUEUES:
        project, name = (*chain[-1].arguments, None, None)[:2]
        is_told = isinstance(project, str) and isinstance(name, str)
        return f"projects/{project}/{_QUEUES[chain[-1].name]}/{name}" if is_told else value
    steps = {step.name: step for step in chain}
    last = next((step for name, step in reversed(steps.items()) if name in _NAMED_BY), None)
    if last is None or not last.arguments or depth > _MOST_NAMED:
        return value
    name = named_by(last.arguments[0], depth + 1)
    if last.name == "table" and isinstance(name, str):
        return _inside_of(steps, name, depth)
    return name


def _inside_of(steps: Mapping[str, Call], name: str, depth: int) -> str:
    """A table of BigQuery with its project and dataset, as far as these are told."""
    reference, inside, client = map(steps.get, ("DatasetReference", "dataset", "Client"))
    project: JsonValue = None
    if reference is not None:
        project, dataset, *_ = (*reference.arguments, None, None)
        project = reference.named.get("project", project)
        dataset = reference.named.get("dataset_id", dataset)
    elif inside is not None:
        dataset = [*inside.arguments, inside.named.get("dataset_id")][0]
        project = inside.named.get("project")
        if project is None and client is not None:
            project = client.named.get("project", next(iter(client.arguments), None))
    else:
        return name
    known = (project, named_by(dataset, depth + 1), name)
    parts = [each for each in known if isinstance(each, str)]
    return ".".join(parts[parts[0] == project and TABLE.fullmatch(parts[0]) is None :])


def tidied(path: str) -> str:
    """A path without `./`: `data/./x` is `data/x`."""
    return path if "://" in path else re.sub(r"(?<=/)(\./|/)+", "", path)


def as_uri(text: str, most: float, folder: str | None = None) -> tuple[str | None, float]:
    """A URL, a queue of Google's, a file of a Windows share, a path from the root, or a path from a
    folder, else from where the worker stands.
    """
    queue = _QUEUE.fullmatch(text)
    if URL.match(text) or queue is not None:
        return (f"pubsub://{queue[1]}/{queue[2]}" if queue else text), most
    if _SHARED.fullmatch(text):
        return f"smb:{PureWindowsPath(text).as_posix()}", most
    if text.startswith("/") and len(text) > 1 and "\n" not in text:
        return f"file://{text}", most
    if _RELATIVE.fullmatch(text):
        inside = text.removeprefix("./")
        is_from_root = re.match(rf"{MARK}/", inside) is not None
        if folder is not None and not is_from_root:
            return as_uri(f"{folder.rstrip('/')}/{inside}", most)
        return f"file:///{inside}" if is_from_root else _CWD + inside, min(most, ROUGH)
    return None, most


def instead(match: re.Match[str], value: JsonValue) -> list[str] | None:
    """What stands for a parameter without a text; None where its place then says nothing."""
    name = match[1].partition("|")[0]
    if name in SERVERS:
        return [UNKNOWN_SERVER]
    if value is None and match[2]:
        return [match[2][1:]]
    return None if value is None or isinstance(value, list) or is_bag(value) else [f"{{{name}}}"]


def as_url(text: str, most: float) -> tuple[str | None, float]:
    """A URL, or a path behind an address that only the run knows."""
    if URL.match(text):
        return text, most
    return (f"http://{text}", most) if re.match(rf"{MARK}/.", text) else (None, most)


def items_of(value: JsonValue) -> list[JsonValue]:
    """A list, or a value as the only item of one."""
    return value if isinstance(value, list) else [value]


def is_bag(value: JsonValue) -> bool:
    """A dict that is data: neither something unknown nor an object."""
    return isinstance(value, dict) and not value.keys() & {"opaque", "made_by", "xcom"}


def value_at(place: str, values: dict[str, JsonValue]) -> JsonValue:
    """What `{a|b}` or `{a.b}` stands for."""
    match = PARAMETER.fullmatch(place)
    for path in match[1].split("|") if match else ():
        name, *inside = path.split(".")
        value = values.get(name)
        for each in inside:
            value = item_of(value, each)
        if value is not None:
            return value
    return None


def item_of(value: JsonValue, name: str) -> JsonValue:
    """`value[name]`, or what an object was given by that name."""
    if isinstance(value, list):
        found = [item_of(each, name) for each in value]
        return [each for each in found if each is not None] or None
    for step in reversed(made_by(value)):
        if name in step.named:
            return step.named[name]
    return value.get(name) if isinstance(value, dict) and is_bag(value) else None
