"""Operators that move no data."""

import pytest

from adapters.airflow.legacy.snapshot import Task
from adapters.airflow.lineage.families import quiet


@pytest.mark.parametrize(
    "path",
    [
        "airflow.operators.empty.EmptyOperator",
        "airflow.contrib.operators.s3_delete_objects_operator.S3DeleteObjectsOperator",
        "airflow.providers.google.cloud.operators.bigquery.BigQueryUpdateTableOperator",
        "airflow.providers.google.cloud.operators.gcs.GCSObjectCreateAclEntryOperator",
        "airflow.providers.asana.operators.asana_tasks.AsanaCreateTaskOperator",
        "airflow.providers.amazon.aws.operators.emr.EmrTerminateJobFlowOperator",
        "airflow.providers.google.cloud.operators.bigquery.BigQueryCreateEmptyDatasetOperator",
        "airflow.providers.amazon.aws.operators.rds.RdsCreateDbSnapshotOperator",
        "acme.StopClusterOperator",
        "acme.OrdersSensor",
    ],
)
def test_these_move_no_data(path: str) -> None:
    assert quiet.applies(Task(task_id="t", operator=path))


@pytest.mark.parametrize(
    "path",
    [
        "acme.RegisterOrdersOperator",
        "acme.DeleteAndInsertOperator",
        "acme.ComputeEngineeringFactsOperator",
        "airflow.providers.amazon.aws.operators.s3.S3CopyObjectOperator",
        "airflow.providers.google.cloud.operators.bigquery.BigQueryCreateEmptyTableOperator",
        "airflow.providers.google.cloud.operators.cloud_run.CloudRunExecuteJobOperator",
        "airflow.providers.standard.operators.python.PythonOperator",
    ],
)
def test_these_may(path: str) -> None:
    assert not quiet.applies(Task(task_id="t", operator=path))
