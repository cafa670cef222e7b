"""The only place that knows where a name of Airflow lives, in 2.11 and in 3.x."""

from __future__ import annotations

from airflow.timetables.interval import CronDataIntervalTimetable

try:
    from airflow.sdk import DAG, Asset, BaseOperator, get_parsing_context
    from airflow.sdk.configuration import conf
    from airflow.sdk.exceptions import (
        AirflowException,
        AirflowFailException,
        AirflowSkipException,
    )

    IS_AIRFLOW_3 = True
except ImportError:  # 2.11
    from airflow.configuration import conf
    from airflow.datasets import Dataset as Asset
    from airflow.exceptions import (
        AirflowException,
        AirflowFailException,
        AirflowSkipException,
    )
    from airflow.models.baseoperator import BaseOperator
    from airflow.models.dag import DAG
    from airflow.utils.dag_parsing_context import get_parsing_context

    IS_AIRFLOW_3 = False

__all__ = [
    "DAG",
    "IS_AIRFLOW_3",
    "AirflowException",
    "AirflowFailException",
    "AirflowSkipException",
    "Asset",
    "BaseOperator",
    "CronDataIntervalTimetable",
    "conf",
    "get_parsing_context",
]
