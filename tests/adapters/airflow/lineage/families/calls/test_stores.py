"""Objects in Amazon's, Google's and Azure's storage that calls name."""

import pytest

from tests.adapters.airflow.lineage.written_calls import lineage, touched

NAMED = {
    "S3Hook('aws').load_file('/data/x', key='k', bucket_name='b')": (
        ["file:///data/x"],
        ["s3://b/k"],
    ),
    "S3Hook('aws').load_string('x', 'k', 'b')": ([], ["s3://b/k"]),
    "AwsStorage('aws').load_string('x', 'k', 'b')": ([], ["s3://b/k"]),
    "storage_().put_object(bucket_name='b', key='k', body='')": ([], ["s3://b/k"]),
    "S3Hook('aws').load_string('x', key='s3://b/k')": ([], ["s3://b/k"]),
    "S3Hook('aws').read_key('s3://b/k')": (["s3://b/k"], []),
    "S3Hook('aws').download_file('k', 'b')": (["s3://b/k"], []),
    "S3Hook('aws').list_keys('b', prefix='p/')": (["s3://b/p"], []),
    "S3Hook().copy_object(source_bucket_key='s3://a/k', dest_bucket_key='s3://b/k')": (
        ["s3://a/k"],
        ["s3://b/k"],
    ),
    "boto3.client('s3').upload_file('/data/x', 'b', 'k')": (["file:///data/x"], ["s3://b/k"]),
    "boto3.client('s3').download_file('b', 'k', '/data/x')": (["s3://b/k"], ["file:///data/x"]),
    "boto3.client('s3').put_object(Bucket='b', Key='k', Body='x')": ([], ["s3://b/k"]),
    "boto3.client('s3').copy_object(CopySource={'Bucket': 'a', 'Key': 'x'}, Bucket='b', Key='k')": (
        ["s3://a/x"],
        ["s3://b/k"],
    ),
    "boto3.client('s3').copy_object(CopySource='a/x', Bucket='b', Key='k')": (
        ["s3://a/x"],
        ["s3://b/k"],
    ),
    "boto3.client('s3').list_objects_v2(Bucket='b', Prefix='p')": (["s3://b/p"], []),
    "boto3.client('s3').get_paginator('x').paginate(Bucket='b', Prefix='p')": (["s3://b/p"], []),
    "Minio('h:9000', 'u', 'p').put_object('b', 'k', data())": ([], ["s3://b/k"]),
    "Minio('h:9000').fput_object('b', 'k', '/data/x')": (["file:///data/x"], ["s3://b/k"]),
    "Minio('h:9000').fget_object('b', 'k', '/data/x')": (["s3://b/k"], ["file:///data/x"]),
    "Minio('h:9000').list_objects('b', prefix='p')": (["s3://b/p"], []),
    "wr.to_parquet(frame(), 's3://b/x', database='d', table='t')": (
        [],
        ["awsathena://aws_default/d.t", "s3://b/x"],
    ),
    "boto3.resource('s3').Object('b', 'k').put(Body='x')": ([], ["s3://b/k"]),
    "boto3.resource('s3').Object('b', 'k').get()": (["s3://b/k"], []),
    "boto3.resource('s3').Bucket('b').upload_file('/data/x', 'k')": (
        ["file:///data/x"],
        ["s3://b/k"],
    ),
    "boto3.resource('dynamodb').Table('t').put_item(Item={})": ([], ["dynamodb://aws_default/t"]),
    "boto3.resource('dynamodb').Table('t').scan()": (["dynamodb://aws_default/t"], []),
    "GCSHook().upload('b', 'k', '/data/x')": (["file:///data/x"], ["gs://b/k"]),
    "GCSHook().download('b', 'k')": (["gs://b/k"], []),
    "GCSHook().copy('a', 'k', 'b')": (["gs://a/k"], ["gs://b/k"]),
    "GCSHook().copy('a', 'k', 'b', 'l')": (["gs://a/k"], ["gs://b/l"]),
    "GCSHook().list('b', prefix='p')": (["gs://b/p"], []),
    "hook().upload(bucket_name='b', object_name='k', filename='/data/x')": (
        ["file:///data/x"],
        ["gs://b/k"],
    ),
    "storage.Client().bucket('b').blob('k').upload_from_string('x')": ([], ["gs://b/k"]),
    "storage.Client().get_bucket('b').get_blob('k').download_as_text()": (["gs://b/k"], []),
    "storage.Client().bucket('b').blob('k').upload_from_filename('/data/x')": (
        ["file:///data/x"],
        ["gs://b/k"],
    ),
    "storage.Client().list_blobs('b', prefix='p')": (["gs://b/p"], []),
    "WasbHook('w').load_file('/data/x', 'c', 'x')": (["file:///data/x"], ["wasbs://c/x"]),
    "BlobServiceClient().get_blob_client('c', 'x').upload_blob('x')": ([], ["wasbs://c/x"]),
    "BlobServiceClient().get_container_client('c').download_blob('x')": (["wasbs://c/x"], []),
    "WebHDFSHook('h').load_file('/data/x', '/in/x')": (["file:///data/x"], ["hdfs://h/in/x"]),
}


@pytest.mark.parametrize("text", NAMED)
def test_objects_that_a_call_names_are_found(text: str) -> None:
    assert touched(lineage(text)) == NAMED[text]


@pytest.mark.parametrize(
    "text",
    [
        "hook().upload('b', 'k', '/data/x')",
        "hook().load_file('/data/x', 'k')",
        "boto3.client('s3').put_object(Key='k')",
        "mapping().get('b')",
        "element().Table('t').get('x')",
    ],
)
def test_calls_that_name_no_object_are_left_alone(text: str) -> None:
    assert lineage(text).datasets == ()
