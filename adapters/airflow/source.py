"""Where an event from Airflow comes from: which try of which task instance, as one string."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import quote, unquote

SCHEME = "airflow:"


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskSource:
    """One try of one task instance of one Airflow; `map_index` is -1 where it is not mapped."""

    instance: str
    dag_id: str
    run_id: str
    task_id: str
    map_index: int
    try_number: int

    def __str__(self) -> str:
        return task_source(
            self.instance,
            self.dag_id,
            self.run_id,
            self.task_id,
            self.map_index,
            self.try_number,
        )


def task_source(
    instance: str, dag_id: str, run_id: str, task_id: str, map_index: int, try_number: int
) -> str:
    """`airflow:<instance>/<dag>/<run>/<task>/<map index>/<try>`, another for every other try.

    Event ids derive from it, so what runs in Airflow and what looks at it from outside call this
    one function. A "/" or a "%" in a name, which a run id may hold, is percent-encoded.
    """
    names = (quote(name, safe=" :+@,;=") for name in (instance, dag_id, run_id, task_id))
    return f"{SCHEME}{'/'.join(names)}/{map_index}/{try_number}"


def parse_task_source(text: str) -> TaskSource | None:
    """The try that `text` names, None where `text` was not written by `task_source`."""
    if not text.startswith(SCHEME):
        return None
    try:
        instance, dag_id, run_id, task_id, map_index, try_number = map(
            unquote, text.removeprefix(SCHEME).split("/")
        )
        source = TaskSource(
            instance=instance,
            dag_id=dag_id,
            run_id=run_id,
            task_id=task_id,
            map_index=int(map_index),
            try_number=int(try_number),
        )
    except ValueError:  # too few parts, too many, or no number
        return None
    return source if str(source) == text else None
