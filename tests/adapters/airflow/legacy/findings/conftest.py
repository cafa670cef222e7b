from __future__ import annotations

from collections.abc import Callable

import pytest

from adapters.airflow.legacy.findings import findings_of
from adapters.airflow.legacy.snapshot import Finding
from adapters.airflow.lineage.reading import read_snapshot

HEAD = """
from datetime import datetime
from pathlib import Path
from airflow import DAG
from airflow.operators.bash import BashOperator
from airflow.operators.python import PythonOperator, BranchPythonOperator
from airflow.operators.trigger_dagrun import TriggerDagRunOperator
from airflow.providers.common.sql.operators.sql import SQLExecuteQueryOperator as SQL
from airflow.sensors.external_task import ExternalTaskSensor
"""


@pytest.fixture
def found(record) -> Callable[..., list[Finding]]:
    """What the rules find in a folder of files that begin with the usual imports, of one code."""

    def run(code: str, files: str | dict[str, str]) -> list[Finding]:
        named = {"dag.py": files} if isinstance(files, str) else files
        snapshot = record({name: HEAD + text for name, text in named.items()})
        every = [*snapshot.findings, *findings_of(snapshot, read_snapshot(snapshot))]
        return [each for each in every if each.code == code]

    return run
