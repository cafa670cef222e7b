"""Clients of clouds, table formats and science, as functions of tasks use them."""

from __future__ import annotations

import textwrap

import pytest

from adapters.airflow.legacy.take import record_folder
from adapters.airflow.lineage.reading import read_snapshot
from tests.adapters.airflow.lineage.written_calls import touched

Touched = tuple[list[str], list[str]]
QUEUE = "https://sqs.eu-west-1.amazonaws.com/1/q"
HEAD = """
import boto3, dlt, pyarrow.csv, rasterio, swiftclient
import xarray as xr
from azure.cosmos import CosmosClient
from azure.storage.blob import ContainerClient
from azure.storage.filedatalake import DataLakeServiceClient
from confluent_kafka import DeserializingConsumer, SerializingProducer
from deltalake import DeltaTable, write_deltalake
from google.cloud import pubsub_v1, storage
from osgeo import gdal
from pyiceberg.catalog import load_catalog
from snowflake.snowpark import Session
from airflow import DAG
from airflow.operators.python import PythonOperator
"""
WRITTEN: dict[str, tuple[str, list[str], list[str]]] = {
    "sqs": (
        f"q = boto3.client('sqs')\nq.receive_message(QueueUrl='{QUEUE}1')\n"
        f"q.send_message(QueueUrl='{QUEUE}2', MessageBody='x')",
        [f"{QUEUE}1"],
        [f"{QUEUE}2"],
    ),
    "streams": (
        "boto3.client('firehose').put_record_batch(DeliveryStreamName='a', Records=[])\n"
        "boto3.client('kinesis').put_record(StreamName='b', Data=b'')",
        [],
        ["firehose://aws_default/a", "kinesis://aws_default/b"],
    ),
    "athena": (
        "boto3.client('athena').start_query_execution(QueryString='select * from t',"
        " QueryExecutionContext={'Database': 'd'}, ResultConfiguration={})",
        ["awsathena://aws_default/d.t"],
        [],
    ),
    "redshift": (
        "boto3.client('redshift-data').batch_execute_statement(ClusterIdentifier='c',"
        " Sqls=['delete from a.t', 'delete from a.u'])",
        [],
        ["redshift://c/a.t", "redshift://c/a.u"],
    ),
    "pages": (
        "boto3.client('dynamodb').get_paginator('scan').paginate(TableName='t')",
        ["dynamodb://aws_default/t"],
        [],
    ),
    "pubsub": (
        "p = pubsub_v1.PublisherClient()\np.publish(p.topic_path('p', 't'), b'x')\n"
        "s = pubsub_v1.SubscriberClient()\n"
        "s.pull(request={'subscription': s.subscription_path('p', 's')})",
        ["pubsub://p/s"],
        ["pubsub://p/t"],
    ),
    "kafka": (
        "SerializingProducer({'bootstrap.servers': 'k:1'}).produce(topic='a', value=1)\n"
        "DeserializingConsumer({'bootstrap.servers': 'k:1'}).subscribe(['b'])",
        ["kafka://k:1/b"],
        ["kafka://k:1/a"],
    ),
    "copied_blob": (
        "c = storage.Client()\nb = c.bucket('a')\n"
        "b.copy_blob(b.blob('x.csv'), c.bucket('b'), 'y.csv')",
        ["gs://a/x.csv"],
        ["gs://b/y.csv"],
    ),
    "blob_by_address": (
        "storage.Blob.from_string('gs://a/x.csv', client=None).download_as_text()",
        ["gs://a/x.csv"],
        [],
    ),
    "folders_of_a_lake": (
        "fs = DataLakeServiceClient('u').get_file_system_client(file_system='raw')\n"
        "d = fs.get_directory_client('dir')\nd.get_file_client('x.csv').upload_data(b'')\n"
        "d.create_file('y.csv')\nfs.get_file_client('z.csv').download_file()",
        ["abfss://raw/z.csv"],
        ["abfss://raw/dir/x.csv", "abfss://raw/dir/y.csv"],
    ),
    "container": (
        "ContainerClient.from_connection_string('x', container_name='c').upload_blob('a.csv')",
        [],
        ["wasbs://c/a.csv"],
    ),
    "cosmos": (
        "c = CosmosClient('https://h:443/', 'k').get_database_client('d')\n"
        "c.get_container_client('a').upsert_item({})\n"
        "c.get_container_client('b').query_items('select 1 from c')",
        ["azurecosmos://h:443/d.b"],
        ["azurecosmos://h:443/d.a"],
    ),
    "iceberg": (
        "c = load_catalog('prod')\nc.load_table('a.b').append(rows)\n"
        "c.load_table('a.c').scan(row_filter='x > 1').to_pandas()",
        ["iceberg://prod/a.c"],
        ["iceberg://prod/a.b"],
    ),
    "delta": (
        "t = DeltaTable('s3://b/t')\nt.merge(source=rows, predicate='a').execute()\n"
        "write_deltalake(DeltaTable('s3://b/u'), rows)",
        ["s3://b/t", "s3://b/u"],
        ["s3://b/t", "s3://b/u"],
    ),
    "snowpark": (
        "s = Session.builder.configs({}).create()\n"
        "s.table(['D', 'S', 'A']).write.save_as_table(['D', 'S', 'B'])\n"
        "s.write_pandas(rows, 'C', schema='S')",
        ["snowflake://{server}/D.S.A"],
        ["snowflake://{server}/D.S.B", "snowflake://{server}/S.C"],
    ),
    "loaded": (
        "p = dlt.pipeline(pipeline_name='x', destination='bigquery', dataset_name='raw')\n"
        "p.run(rows, table_name='orders')",
        [],
        ["bigquery://default/raw.orders"],
    ),
    "science": (
        "xr.open_dataset('/in/a.nc').to_zarr('s3://b/a.zarr')\n"
        "gdal.Warp('/out/b.tif', '/in/b.tif')\n"
        "pyarrow.csv.write_csv(rows, '/out/c.csv')\n"
        "with rasterio.open('/out/d.tif', 'w') as f:\n    f.write(rows)",
        ["file:///in/a.nc", "file:///in/b.tif"],
        ["file:///out/b.tif", "file:///out/c.csv", "file:///out/d.tif", "s3://b/a.zarr"],
    ),
    "swift": (
        "c = swiftclient.Connection(authurl='u')\nc.put_object('c', 'x.csv', b'')\n"
        "c.get_object('c', 'y.csv')",
        ["swift://c/y.csv"],
        ["swift://c/x.csv"],
    ),
}
LEFT_ALONE = {
    "lists": "rows = []\nrows.append('a/b.csv')\n{}.update(x='a/b.csv')\nset().update(['/a'])",
    "no_queue": "thing.publish('projects/p/topics/t')\nbot.send_message(chat_id=3, text='x')",
    "no_catalog": "load('x').load_table('a.b').append(rows)",
    "no_destination": "dlt.pipeline(pipeline_name='x').run(rows, table_name='t')",
    "no_table": "dlt.pipeline('x', destination='duckdb', dataset_name='raw').run(source())",
    "another_translate": "boto3.client('translate').Translate('/a/b.txt', '/a/c.txt')",
    "another_container": "thing.get_container_client('c').create_item({})",
}


@pytest.fixture(scope="module")
def found(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Touched]:
    """What each function reads and writes, of one recording."""
    folder = tmp_path_factory.mktemp("clouds")
    bodies = {**{name: body for name, (body, _, _) in WRITTEN.items()}, **LEFT_ALONE}
    functions = [f"def {n}():\n{textwrap.indent(body, '    ')}\n" for n, body in bodies.items()]
    tasks = [f"    PythonOperator(task_id='{n}', python_callable={n})\n" for n in bodies]
    text = "\n".join([HEAD, *functions, "with DAG('x'):"]) + "\n" + "".join(tasks)
    (folder / "dag.py").write_text(text, encoding="utf-8")
    lineage = read_snapshot(record_folder(folder))
    return {task: touched(each) for (_, _, task), each in lineage.items()}


@pytest.mark.parametrize("name", WRITTEN)
def test_clients_name_what_they_touch(found: dict[str, Touched], name: str) -> None:
    _, reads, writes = WRITTEN[name]
    assert found[name] == (reads, writes)


@pytest.mark.parametrize("name", LEFT_ALONE)
def test_the_same_words_of_other_things_are_left_alone(
    found: dict[str, Touched], name: str
) -> None:
    assert found[name] == ([], [])
