"""Collections that the stages of a MongoDB pipeline name."""

from __future__ import annotations

from collections.abc import Iterator

from pydantic import JsonValue

from adapters.airflow.legacy.datasets import Direction

_NAMED_IN = {
    "$lookup": ("read", "from"),
    "$graphLookup": ("read", "from"),
    "$unionWith": ("read", "coll"),
    "$merge": ("write", "into"),
    "$out": ("write", "coll"),
}


def collections(pipeline: JsonValue) -> Iterator[tuple[Direction, str]]:
    """(direction, collection) of every stage that names another collection of the database."""
    for stage in pipeline if isinstance(pipeline, list) else ():
        for operator, value in stage.items() if isinstance(stage, dict) else ():
            direction, key = _NAMED_IN.get(operator, (None, ""))
            name = value.get(key) if isinstance(value, dict) else value
            if isinstance(name, dict):  # `{"into": {"db": …, "coll": …}}`
                name = name.get("coll") if "db" not in name else None
            if isinstance(name, str) and direction is not None:
                yield ("read" if direction == "read" else "write"), name
