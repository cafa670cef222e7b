"""The DAG runs of many task instances, in as few requests as there are hundreds of runs.

No listing takes run ids. Both versions take a span of dates, and a task instance shows its run's
date.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from functools import partial
from itertools import pairwise
from typing import TypeAlias

from adapters.airflow.api import parsing
from adapters.airflow.api.answers import PAGE_ROWS, listed
from adapters.airflow.api.connection import Connection
from adapters.airflow.api.parsing import Json
from adapters.airflow.api.rows import BadRow, DagRun, Rows, TaskInstance
from adapters.airflow.api.windows import every_row

RunName: TypeAlias = "tuple[str, str]"  # dag id, run id


def runs_of(connection: Connection, instances: Sequence[TaskInstance]) -> Rows[DagRun]:
    """The runs of these task instances, in as few listings as their dates allow."""
    positions = {
        (t.dag_id, t.run_id): t.run_position for t in instances if t.run_position is not None
    }
    wanted = sorted(positions, key=lambda name: (positions[name], name))
    good: list[DagRun] = []
    bad: list[BadRow] = []
    for batch in batches(wanted, PAGE_ROWS):
        found = parsing.parsed(_run_rows(connection, batch, positions), parsing.dag_run)
        good += found.good
        bad += found.bad
    return Rows(good=tuple(good), bad=tuple(bad))


def batches(names: Sequence[RunName], size: int) -> Iterator[Sequence[RunName]]:
    """`names` in order, at most `size` at a time."""
    for start in range(0, len(names), size):
        yield names[start : start + size]


def _run_rows(
    connection: Connection, wanted: Sequence[RunName], positions: Mapping[RunName, datetime]
) -> list[Json]:
    """Rows that include the wanted runs, which are sorted by position."""
    position = "run_after" if connection.api == "v2" else "execution_date"
    body: Json = {
        "dag_ids": [*{dag_id for dag_id, _ in wanted}],
        f"{position}_gte": positions[wanted[0]].isoformat(),
        f"{position}_lte": positions[wanted[-1]].isoformat(),
        "order_by": "id",
    }

    read = partial(listed, connection, "/dags/~/dagRuns/list", "dag_runs", body)
    first = read(0)
    gaps = [positions[later] - positions[earlier] for earlier, later in pairwise(wanted)]
    if first.total > max(PAGE_ROWS, 4 * len(wanted)) and any(gaps):
        # mostly runs that nobody asked for lie between the wanted ones
        cut = gaps.index(max(gaps)) + 1
        return [
            *_run_rows(connection, wanted[:cut], positions),
            *_run_rows(connection, wanted[cut:], positions),
        ]
    return every_row(read, first)
