"""Reading Airflow's JSON, once, at the border: rows become values, or a reason why not."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TypeAlias, TypeVar

from pydantic import AliasChoices, AwareDatetime, BaseModel, Field, JsonValue, ValidationError

from adapters.airflow.api.rows import (
    BadRow,
    DagRun,
    RemoteDag,
    RemoteTask,
    Rows,
    TaskInstance,
)

Json: TypeAlias = dict[str, JsonValue]
T = TypeVar("T")


class _DagRow(BaseModel):
    dag_id: str
    is_paused: bool
    fileloc: str | None = None
    owners: list[str] = []
    tags: list[dict[str, JsonValue]] = []


class _TaskRow(BaseModel):
    task_id: str
    class_ref: dict[str, JsonValue] | None = None
    operator_name: str | None = None
    is_mapped: bool = False
    downstream_task_ids: list[str] = []


class _DagRunRow(BaseModel):
    dag_id: str
    dag_run_id: str
    run_type: str | None = None
    state: str | None = None
    logical_date: AwareDatetime | None = None
    data_interval_start: AwareDatetime | None = None
    data_interval_end: AwareDatetime | None = None
    run_after: AwareDatetime | None = None
    partition_key: str | None = None


class _TaskInstanceRow(BaseModel):
    dag_id: str
    dag_run_id: str
    task_id: str
    map_index: int = -1
    try_number: int
    state: str | None
    operator: str | None = None
    start_date: AwareDatetime | None = None
    end_date: AwareDatetime | None = None
    position: AwareDatetime | None = Field(
        default=None, validation_alias=AliasChoices("run_after", "execution_date")
    )


def dag(row: JsonValue) -> RemoteDag:
    """Raises ValidationError, as the others below do; `parsed` catches it."""
    read = _DagRow.model_validate(row)
    return RemoteDag(
        dag_id=read.dag_id,
        is_paused=read.is_paused,
        file=read.fileloc,
        owners=tuple(read.owners),
        tags=tuple(str(tag.get("name")) for tag in read.tags),
    )


def task_of(dag_id: str) -> Callable[[JsonValue], RemoteTask]:
    """A reader of the tasks of one DAG."""

    def task(row: JsonValue) -> RemoteTask:
        read = _TaskRow.model_validate(row)
        class_name = (read.class_ref or {}).get("class_name")
        return RemoteTask(
            dag_id=dag_id,
            task_id=read.task_id,
            operator=class_name if isinstance(class_name, str) else read.operator_name,
            is_mapped=read.is_mapped,
            downstream=tuple(read.downstream_task_ids),
        )

    return task


def dag_run(row: JsonValue) -> DagRun:
    """A row of dagRuns; v1 says `logical_date` here, and `execution_date` in task instances."""
    read = _DagRunRow.model_validate(row)
    return DagRun(
        dag_id=read.dag_id,
        run_id=read.dag_run_id,
        run_type=read.run_type,
        state=read.state,
        logical_date=read.logical_date,
        data_interval_start=read.data_interval_start,
        data_interval_end=read.data_interval_end,
        run_after=read.run_after,
        partition_key=read.partition_key,
    )


def task_instance(row: JsonValue) -> TaskInstance:
    """A row of taskInstances, or of the tries of one."""
    read = _TaskInstanceRow.model_validate(row)
    return TaskInstance(
        dag_id=read.dag_id,
        run_id=read.dag_run_id,
        task_id=read.task_id,
        map_index=read.map_index,
        try_number=read.try_number,
        state=read.state,
        operator=read.operator,
        start=read.start_date,
        end=read.end_date,
        run_position=read.position,
    )


def parsed(rows: Iterable[JsonValue], read: Callable[[JsonValue], T]) -> Rows[T]:
    """Every row that `read` takes, and the others with what is wrong in them."""
    good: list[T] = []
    bad: list[BadRow] = []
    for row in rows:
        try:
            good.append(read(row))
        except ValidationError as error:  # noqa: PERF203 - each row for itself is the point
            bad.append(_bad(row, error))
    return Rows(good=tuple(good), bad=tuple(bad))


def _bad(row: JsonValue, error: ValidationError) -> BadRow:
    why = "; ".join(
        f"{'.'.join(map(str, fault['loc'])) or 'row'}: {fault['msg']}" for fault in error.errors()
    )
    told = row if isinstance(row, dict) else {}
    names = ("dag_id", "dag_run_id", "task_id", "map_index")
    what = "/".join(str(told[name]) for name in names if name in told) or repr(row)[:80]
    dag_id, run_id, task_id = (told.get(name) for name in names[:3])
    of = None
    if isinstance(dag_id, str) and isinstance(run_id, str) and isinstance(task_id, str):
        of = (dag_id, run_id, task_id)
    return BadRow(what=what, why=why, of=of)
