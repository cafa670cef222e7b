"""One task of several: its code from the source, its settings from who loads it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from pydantic import JsonValue

from adapters.airflow.legacy.merging.templates import is_filled
from adapters.airflow.legacy.snapshot import How, Taker, Task

WORDS: Mapping[Taker, str] = {
    "source": "the source",
    "dagbag": "the DagBag",
    "rest": "the running Airflow",
}
# From what tells most of a task to what tells least.
HOWS: tuple[How, ...] = ("recorded", "loaded", "source", "listed")
_LOADS: tuple[Taker, ...] = ("dagbag", "rest")
_SETTINGS = ("trigger_rule", "retries", "pool", "queue")


def merged_task(known: Mapping[Taker, Task]) -> tuple[Task, list[str]]:
    """The task as all that know it say together, and in which words they disagree.

    Its `upstream` is left as it is: see `upstream_of`.
    """
    by_code = sorted(known.values(), key=lambda task: HOWS.index(task.how))
    code = by_code[0]
    source, loaded, rest = (known.get(taker) for taker in ("source", "dagbag", "rest"))
    counts = next((taker for taker in _LOADS if taker in known), None)
    settings = code if counts is None else known[counts]
    named = loaded or code
    task = code.model_copy(
        update={
            "operator": named.operator,
            "bases": named.bases,
            "arguments": _arguments(source, loaded) if loaded is not None else code.arguments,
            **{name: getattr(settings, name) for name in _SETTINGS},
            "owner": settings.owner or code.owner,
            "group": next((each.group for each in by_code if each.group), None),
            "mapped": any(each.mapped for each in by_code),
            "setup": any(each.setup for each in by_code),
            "teardown": any(each.teardown for each in by_code),
            "doc": next((each.doc for each in by_code if each.doc), None),
            "inlets": _declared(known, "inlets"),
            "outlets": _declared(known, "outlets"),
            "uses_xcom_of": _all(by_code, "uses_xcom_of"),
            "context_used": _all(by_code, "context_used"),
            "durations": rest.durations if rest is not None else None,
            "done_after": rest.done_after if rest is not None else None,
        }
    )
    return task, list(_differing(known, counts))


def upstream_of(task_id: str, by_taker: Mapping[Taker, Mapping[str, Task]]) -> tuple[str, ...]:
    """Edges as who loads the DAG has them, and from tasks that only others know."""
    takers = [taker for taker in (*_LOADS, "source") if task_id in by_taker.get(taker, {})]
    first = by_taker[takers[0]]
    found = set(first[task_id].upstream)
    for taker in takers[1:]:
        found |= set(by_taker[taker][task_id].upstream) - first.keys()
    return tuple(sorted(found))


def _arguments(source: Task | None, loaded: Task) -> dict[str, JsonValue]:
    """What the source could only assume is opaque there, or another value: a DagBag knows it."""
    if source is None or source.how != "recorded":
        return dict(loaded.arguments)
    found = dict(source.arguments)
    for name, value in loaded.arguments.items():
        if name not in found or not (_is_opaque(value) or is_filled(value, found[name])):
            found[name] = value
    return dict(sorted(found.items()))


def _is_opaque(value: JsonValue) -> bool:
    """Whether something in the value is not literal."""
    if isinstance(value, dict):
        return "opaque" in value or any(map(_is_opaque, value.values()))
    return isinstance(value, list) and any(map(_is_opaque, value))


def _declared(known: Mapping[Taker, Task], name: str) -> tuple[str, ...]:
    """A DagBag's, else the source's; and what only the running Airflow knows."""
    best = known.get("dagbag") or known.get("source")
    listed = getattr(known.get("rest"), name, ())
    return tuple(sorted({*(getattr(best, name) if best is not None else ()), *listed}))


def _all(tasks: list[Task], name: str) -> tuple[str, ...]:
    return tuple(sorted({each for task in tasks for each in getattr(task, name)}))


def _differing(known: Mapping[Taker, Task], counts: Taker | None) -> Iterator[str]:
    if counts is None:
        return
    for taker, task in known.items():
        if taker == counts:
            continue
        ours = known[counts]
        for name in _SETTINGS:
            one, other = getattr(task, name) or None, getattr(ours, name) or None
            if one != other:
                yield _said(name, taker, one, counts, other)
        kinds = [each.operator.rpartition(".")[2] for each in (task, ours)]
        if kinds[0] != kinds[1] and task.how in ("recorded", "loaded"):
            yield _said("operator", taker, kinds[0], counts, kinds[1])
    source, loaded = known.get("source"), known.get("dagbag")
    if source is not None and loaded is not None and source.how == "recorded":
        changed = [
            name
            for name, value in sorted(source.arguments.items())
            if name in loaded.arguments
            and loaded.arguments[name] != value
            and not _is_opaque(loaded.arguments[name])
            and not _is_opaque(value)
            and not is_filled(loaded.arguments[name], value)
        ]
        if changed:
            yield f"{', '.join(changed)}: {WORDS['dagbag']} has other values, which count"


def _said(what: str, taker: Taker, theirs: object, counts: Taker, ours: object) -> str:
    shown = [("the default" if value is None else str(value)) for value in (theirs, ours)]
    return f"{what}: {WORDS[taker]} says {shown[0]}, {WORDS[counts]} says {shown[1]}, which counts"
