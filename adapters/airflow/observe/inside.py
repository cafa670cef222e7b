"""Rows as the REST would give them, made of what a task's own process knows (2.11 and 3.3)."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from adapters.airflow.api.rows import DagRun, TaskInstance


def run_inside(task_instance: Any, dag_run: Any) -> DagRun:
    """The run of a running task; its type and state are not known there."""
    return DagRun(
        dag_id=task_instance.dag_id,
        run_id=task_instance.run_id,
        run_type=None,
        state=None,
        logical_date=dag_run.logical_date,
        data_interval_start=dag_run.data_interval_start,
        data_interval_end=dag_run.data_interval_end,
        run_after=getattr(dag_run, "run_after", None),
        partition_key=getattr(dag_run, "partition_key", None),
    )


def try_inside(task_instance: Any, state: str, now: datetime) -> TaskInstance:
    """This try, ending now in `state`."""
    map_index = task_instance.map_index
    return TaskInstance(
        dag_id=task_instance.dag_id,
        run_id=task_instance.run_id,
        task_id=task_instance.task_id,
        map_index=-1 if map_index is None else map_index,
        try_number=task_instance.try_number,
        state=state,
        operator=None,
        start=getattr(task_instance, "start_date", None),
        end=now,
        run_position=None,
    )
