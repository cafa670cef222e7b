"""Queues, streams, catalogs, documents and table formats of clouds, through their own clients."""

_CHANGES = "append|overwrite|upsert|dynamic_partition_overwrite|delete|add_files"

QUEUES = """
send_message|send_message_batch(*, QueueUrl)               - -> {QueueUrl}
receive_message(*, QueueUrl)                               {QueueUrl} -> -
put_record|put_record_batch(*, DeliveryStreamName)         - -> firehose://aws_default/{DeliveryStreamName}
put_record|put_records(*, StreamName)                      - -> kinesis://aws_default/{StreamName}
get_shard_iterator(*, StreamName)                          kinesis://aws_default/{StreamName} -> -
PublisherClient.publish(topic)                             - -> {topic}
SubscriberClient.subscribe(subscription)                   {subscription} -> -
SubscriberClient.pull|streaming_pull(request, *, subscription)  {request.subscription} & {subscription} -> -
"""  # noqa: E501 - a table

CATALOGS = """
get_table(*, DatabaseName, Name)                           ~glue://aws_default/{DatabaseName}.{Name} -> -
get_partitions|get_partition(*, DatabaseName, TableName)   ~glue://aws_default/{DatabaseName}.{TableName} -> -
create_table|update_table(*, DatabaseName, TableInput)     - -> ~glue://aws_default/{DatabaseName}.{TableInput.Name}
batch_create_partition|create_partition(*, DatabaseName, TableName)  - -> ~glue://aws_default/{DatabaseName}.{TableName}
get_paginator.paginate(*, TableName)                       dynamodb://aws_default/{TableName} -> -
batch_execute_statement(*, Sqls, ClusterIdentifier|WorkgroupName)  sql@redshift/{ClusterIdentifier}:{Sqls} -> -
"""  # noqa: E501 - a table

DOCUMENTS = """
CosmosClient|from_connection_string.get_database_client(database).get_container_client(container).upsert_item|create_item|replace_item|delete_item|patch_item(body)  - -> azurecosmos://{server}/{database}.{container}
CosmosClient|from_connection_string.get_database_client(database).get_container_client(container).query_items|read_item|read_all_items(query)  azurecosmos://{server}/{database}.{container} -> -
"""  # noqa: E501 - a table

LAKES = f"""
pyiceberg: load_catalog(name).load_table|create_table|create_table_if_not_exists(identifier).{_CHANGES}(df)  - -> iceberg://{{name=default}}/{{identifier}}
pyiceberg: load_catalog(name).load_table(identifier).scan(row_filter)  iceberg://{{name=default}}/{{identifier}} -> -
DeltaTable.forPath(sparkSession, path).merge|update|delete(source)  - -> {{path}}
DeltaTable.forName(sparkSession, tableOrViewName).merge|update|delete(source)  - -> table:{{tableOrViewName}}
deltalake: DeltaTable(table_uri).merge|update|delete(source)  - -> {{table_uri}}
"""  # noqa: E501 - a table

AZURE = """
get_file_system_client(file_system).get_directory_client(directory).get_file_client(file).upload_data|append_data(data)  - -> abfss://{file_system}/{directory}/{file}
get_file_system_client(file_system).get_directory_client(directory).get_file_client(file).download_file(offset)  abfss://{file_system}/{directory}/{file} -> -
get_file_system_client(file_system).get_directory_client(directory).create_file(file)  - -> abfss://{file_system}/{directory}/{file}
get_file_system_client(file_system).create_file(file)      - -> abfss://{file_system}/{file}
get_file_system_client(file_system).get_paths(path)        ~abfss://{file_system}/{path?} -> -
ContainerClient.from_connection_string(*, container_name).upload_blob(name)  - -> wasbs://{container_name}/{name}
ContainerClient.from_connection_string(*, container_name).download_blob(blob)  wasbs://{container_name}/{blob} -> -
ContainerClient.from_connection_string(*, container_name).list_blobs(name_starts_with)  wasbs://{container_name}/{name_starts_with?} -> -
"""  # noqa: E501 - a table

GOOGLE = """
bucket|get_bucket|Bucket(bucket_name|name|bucket_or_name).copy_blob(blob, destination_bucket, new_name)  gs://{bucket_name}/{blob} -> gs://{destination_bucket}/{new_name}
Blob(blob_name|name, bucket).upload_from_filename(filename)  {filename} -> gs://{bucket}/{blob_name}
Blob(blob_name|name, bucket).upload_from_string|upload_from_file(data)  - -> gs://{bucket}/{blob_name}
Blob(blob_name|name, bucket).download_to_filename(filename)  gs://{bucket}/{blob_name} -> {filename}
Blob(blob_name|name, bucket).download_as_string|download_as_bytes|download_as_text(start)  gs://{bucket}/{blob_name} -> -
bucket|get_bucket|Bucket(bucket_name|name|bucket_or_name).rename_blob(blob, new_name)  gs://{bucket_name}/{blob} -> gs://{bucket_name}/{new_name}
Blob.from_string(uri).download_to_filename(filename)       {uri} -> {filename}
Blob.from_string(uri).download_as_bytes|download_as_text|download_as_string|download_to_file(start)  {uri} -> -
Blob.from_string(uri).upload_from_filename(filename)       {filename} -> {uri}
Blob.from_string(uri).upload_from_string|upload_from_file(data)  - -> {uri}
"""  # noqa: E501 - a table

SCIENCE = """
pyarrow: write_csv(data, output_file)                      - -> {output_file}
xarray|rioxarray: open_dataset|open_dataarray|open_mfdataset|open_zarr|open_rasterio(filename_or_obj|paths|store|filename)  {filename_or_obj} -> -
to_netcdf|to_zarr|to_raster(path|store|raster_path)        - -> {path}
osgeo|gdal|ogr: Open|OpenEx(path)                          {path} -> -
osgeo|gdal|ogr: Warp|Translate|VectorTranslate|Rasterize|BuildVRT|Grid|Polygonize(destination, source)  {source} -> {destination}
swiftclient: put_object(container, obj)                    - -> swift://{container}/{obj}
swiftclient: get_object(container, obj)                    swift://{container}/{obj} -> -
"""  # noqa: E501 - a table

# The rows are of one table where it is named; a source has the names of several.
LOADED = """
dlt: pipeline(pipeline_name, pipelines_dir, *, destination, dataset_name).run(data, *, table_name, destination, dataset_name)  - -> {destination}://{server}/{dataset_name}.{table_name}
dlt: run(data, *, table_name, destination, dataset_name)   - -> {destination}://{server}/{dataset_name}.{table_name}
"""  # noqa: E501 - a table

SNOWPARK = """
snowflake.snowpark: write_pandas(df, table_name, *, database, schema)  - -> table:{database?}.{schema?}.{table_name}
"""  # noqa: E501 - a table
