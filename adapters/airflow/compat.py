"""The only place that knows where a name of Airflow lives, in 2.11 and in 3.x."""

from __future__ import annotations

from typing import Any

from airflow.timetables.base import DagRunInfo, DataInterval, Timetable
from airflow.timetables.interval import CronDataIntervalTimetable

try:
    from airflow.sdk import DAG, Asset, BaseOperator, BaseSensorOperator, get_parsing_context
    from airflow.sdk.configuration import conf
    from airflow.sdk.exceptions import (
        AirflowException,
        AirflowFailException,
        AirflowRescheduleException,
        AirflowSkipException,
    )
    from airflow.sdk.timezone import coerce_datetime

    IS_AIRFLOW_3 = True
except ImportError:  # 2.11
    from airflow.configuration import conf
    from airflow.datasets import Dataset as Asset
    from airflow.exceptions import (
        AirflowException,
        AirflowFailException,
        AirflowRescheduleException,
        AirflowSkipException,
    )
    from airflow.models.baseoperator import BaseOperator
    from airflow.models.dag import DAG
    from airflow.models.taskreschedule import TaskReschedule
    from airflow.sensors.base import BaseSensorOperator
    from airflow.utils.dag_parsing_context import get_parsing_context
    from airflow.utils.session import create_session
    from airflow.utils.timezone import coerce_datetime

    IS_AIRFLOW_3 = False

__all__ = [
    "DAG",
    "IS_AIRFLOW_3",
    "AirflowException",
    "AirflowFailException",
    "AirflowRescheduleException",
    "AirflowSkipException",
    "Asset",
    "BaseOperator",
    "BaseSensorOperator",
    "CronDataIntervalTimetable",
    "DagRunInfo",
    "DataInterval",
    "Timetable",
    "coerce_datetime",
    "conf",
    "first_rescheduled",
    "get_parsing_context",
]


def first_rescheduled(context: Any) -> Any:
    """When a task that was rescheduled first ran, None where it never was."""
    ti = context["ti"]
    if IS_AIRFLOW_3:
        return ti.get_first_reschedule_date(context)
    rows = TaskReschedule.stmt_for_task_instance(ti, descending=False)
    with create_session() as session:
        return session.scalar(rows.with_only_columns(TaskReschedule.start_date).limit(1))
