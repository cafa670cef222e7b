"""The only place that knows where a name of Airflow lives, in 2.11 and in 3.x."""

from __future__ import annotations

from typing import Any

from airflow.timetables.base import DagRunInfo, DataInterval, Timetable
from airflow.timetables.interval import CronDataIntervalTimetable

try:
    from airflow.sdk import (
        DAG,
        Asset,
        AssetAll,
        AssetAny,
        BaseOperator,
        BaseSensorOperator,
        get_parsing_context,
    )
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
    from airflow.datasets import DatasetAll as AssetAll
    from airflow.datasets import DatasetAny as AssetAny
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
    "AssetAll",
    "AssetAny",
    "BaseOperator",
    "BaseSensorOperator",
    "CronDataIntervalTimetable",
    "DagRunInfo",
    "DataInterval",
    "Timetable",
    "coerce_datetime",
    "conf",
    "connection",
    "first_rescheduled",
    "get_parsing_context",
    "variable",
]

_OF_A_CONNECTION = ("conn_type", "host", "login", "password", "schema", "port", "extra")


def first_rescheduled(context: Any) -> Any:
    """When a task that was rescheduled first ran, None where it never was."""
    ti = context["ti"]
    if IS_AIRFLOW_3:
        return ti.get_first_reschedule_date(context)
    rows = TaskReschedule.stmt_for_task_instance(ti, descending=False)
    with create_session() as session:
        return session.scalar(rows.with_only_columns(TaskReschedule.start_date).limit(1))


def connection(conn_id: str) -> dict[str, Any]:
    """What a task may know of a connection, by field. Raises what Airflow raises for none."""
    if IS_AIRFLOW_3:
        from airflow.sdk import Connection  # noqa: PLC0415 - DAG files do not need it

        found = Connection.get(conn_id)
    else:
        from airflow.models.connection import Connection  # noqa: PLC0415 - as above

        found = Connection.get_connection_from_secrets(conn_id)
    return {name: getattr(found, name) for name in _OF_A_CONNECTION}


def variable(name: str) -> str:
    """The text of a variable. Raises what Airflow raises for none."""
    if IS_AIRFLOW_3:
        from airflow.sdk import Variable  # noqa: PLC0415 - as above
    else:
        from airflow.models.variable import Variable  # noqa: PLC0415 - as above

    return str(Variable.get(name))
