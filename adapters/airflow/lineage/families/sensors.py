"""Sensors that wait for data: what they wait for is a read where their arguments name it."""

from collections.abc import Callable

from adapters.airflow.legacy.datasets import DatasetRef
from adapters.airflow.legacy.snapshot import Task
from adapters.airflow.lineage.context import (
    LineageContext,
    Reading,
    class_names,
    connection_of,
    text_of,
)
from adapters.airflow.lineage.templates import render
from bridge.errors import DefinitionError
from bridge.uris import canonical

CONFIDENCE = 0.9


def _s3(task: Task) -> list[str]:
    keys = task.arguments.get("bucket_key")
    bucket = text_of(task.arguments.get("bucket_name"))
    found = [text for key in (keys if isinstance(keys, list) else [keys]) if (text := text_of(key))]
    return [
        key if key.startswith("s3://") else f"s3://{bucket}/{key}"
        for key in found
        if bucket or key.startswith("s3://")
    ]


def _gcs(task: Task) -> list[str]:
    bucket, name = (
        text_of(task.arguments.get("bucket")),
        text_of(task.arguments.get("object")) or text_of(task.arguments.get("prefix")),
    )
    return [f"gs://{bucket}/{name}"] if bucket and name else []


def _file(task: Task) -> list[str]:
    path = text_of(task.arguments.get("filepath"))
    return [f"file://{path}"] if path and path.startswith("/") else []


def _bigquery(task: Task) -> list[str]:
    parts = [text_of(task.arguments.get(name)) for name in ("project_id", "dataset_id", "table_id")]
    return (
        [f"bigquery://default/{'.'.join(part for part in parts if part)}"]
        if parts[1] and parts[2]
        else []
    )


def _hive(task: Task) -> list[str]:
    name = text_of(task.arguments.get("table"))
    schema = text_of(task.arguments.get("schema"))
    if name is None:
        return []
    full = name if "." in name or not schema else f"{schema}.{name}"
    return [f"hive://{connection_of(task) or 'default'}/{full}"]


def _wasb(task: Task) -> list[str]:
    container, blob = (
        text_of(task.arguments.get("container_name")),
        text_of(task.arguments.get("blob_name")),
    )
    return [f"wasbs://{container}/{blob}"] if container and blob else []


_WAITS_FOR: dict[str, Callable[[Task], list[str]]] = {
    "S3KeySensor": _s3,
    "S3PrefixSensor": _s3,
    "GCSObjectExistenceSensor": _gcs,
    "GCSObjectUpdateSensor": _gcs,
    "GCSObjectsWithPrefixExistenceSensor": _gcs,
    "GoogleCloudStorageObjectSensor": _gcs,
    "FileSensor": _file,
    "BigQueryTableExistenceSensor": _bigquery,
    "BigQueryTablePartitionExistenceSensor": _bigquery,
    "BigQueryTableSensor": _bigquery,
    "HivePartitionSensor": _hive,
    "WasbBlobSensor": _wasb,
}


def applies(task: Task) -> bool:
    """Sensors of the list, and what inherits from them."""
    return any(name in _WAITS_FOR for name in class_names(task))


def read(task: Task, context: LineageContext) -> Reading:
    """The file or table waited for; a sensor writes nothing."""
    waits_for = next(_WAITS_FOR[name] for name in class_names(task) if name in _WAITS_FOR)
    datasets: list[DatasetRef] = []
    for uri in waits_for(task):
        rendered, marks, _ = render(uri, {"dag": {"dag_id": context.dag.dag_id}}, {})
        try:
            name = marks.put_back(str(canonical(rendered)))
        except DefinitionError:
            continue
        datasets.append(context.ref(task, name, "read", "argument", CONFIDENCE))
    return Reading(
        nature="quiet", datasets=tuple(datasets), reads_known=bool(datasets), writes_known=True
    )
