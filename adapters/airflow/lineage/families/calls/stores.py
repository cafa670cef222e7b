"""Object storage: Amazon, Google, Azure, HDFS."""

AMAZON = """
*S3*|*Aws*|*AWS*.load_file(filename, key, bucket_name)             {filename} -> s3://{bucket_name}/{key}
*S3*|*Aws*|*AWS*.load_string|load_bytes|load_file_obj(data|string_data|bytes_data|file_obj, key, bucket_name)  - -> s3://{bucket_name}/{key}
*S3*|*Aws*|*AWS*.read_key|get_key|select_key(key, bucket_name)     s3://{bucket_name}/{key} -> -
*S3*Hook|*Aws*|*AWS*.download_file(key, bucket_name, local_path)       s3://{bucket_name}/{key} -> {local_path}
*S3*Hook.get_wildcard_key(wildcard_key, bucket_name)       s3://{bucket_name}/{wildcard_key} -> -
*S3*Hook.copy_object(source_bucket_key, dest_bucket_key, source_bucket_name, dest_bucket_name)  s3://{source_bucket_name}/{source_bucket_key} -> s3://{dest_bucket_name}/{dest_bucket_key}
*S3*Hook.list_keys|list_prefixes(bucket_name, prefix)      s3://{bucket_name}/{prefix?} -> -
*S3*Hook.sync_to_local_dir(bucket_name, local_dir, s3_prefix)  s3://{bucket_name}/{s3_prefix?} -> {local_dir}
Minio.put_object|append_object(bucket_name, object_name)   - -> s3://{bucket_name}/{object_name}
Minio.fput_object(bucket_name, object_name, file_path)     {file_path} -> s3://{bucket_name}/{object_name}
Minio.get_object|stat_object(bucket_name, object_name)     s3://{bucket_name}/{object_name} -> -
Minio.fget_object(bucket_name, object_name, file_path)     s3://{bucket_name}/{object_name} -> {file_path}
Minio.list_objects(bucket_name, prefix)                    s3://{bucket_name}/{prefix?} -> -
Bucket(name).put_object(*, Key)                            - -> s3://{name}/{Key}
Bucket(name).upload_file(Filename, Key)                    {Filename} -> s3://{name}/{Key}
Bucket(name).upload_fileobj(Fileobj, Key)                  - -> s3://{name}/{Key}
Bucket(name).download_file(Key, Filename)                  s3://{name}/{Key} -> {Filename}
Bucket(name).download_fileobj(Key)                         s3://{name}/{Key} -> -
Bucket(name).copy(CopySource, Key)                         s3://{CopySource.Bucket}/{CopySource.Key} -> s3://{name}/{Key}
Bucket(name).objects.filter(*, Prefix)                     s3://{name}/{Prefix?} -> -
Bucket(name).Object(key).put(Body)                         - -> s3://{name}/{key}
Bucket(name).Object(key).get(Range)                        s3://{name}/{key} -> -
Object(bucket_name, key).put(Body)                         - -> s3://{bucket_name}/{key}
Object(bucket_name, key).get(Range)                        s3://{bucket_name}/{key} -> -
Object(bucket_name, key).upload_file(Filename)             {Filename} -> s3://{bucket_name}/{key}
Object(bucket_name, key).upload_fileobj(Fileobj)           - -> s3://{bucket_name}/{key}
Object(bucket_name, key).download_file(Filename)           s3://{bucket_name}/{key} -> {Filename}
Object(bucket_name, key).copy_from(CopySource)             s3://{CopySource.Bucket}/{CopySource.Key} & s3://{CopySource} -> s3://{bucket_name}/{key}
put_object(*, Bucket, Key)                                 - -> s3://{Bucket}/{Key}
put_object(*, bucket_name, key)                            - -> ~s3://{bucket_name}/{key}
get_object(*, bucket_name, key)                            ~s3://{bucket_name}/{key} -> -
get_object(*, Bucket, Key)                                 s3://{Bucket}/{Key} -> -
select_object_content(*, Bucket, Key)                      s3://{Bucket}/{Key} -> -
upload_file(Filename, Bucket, Key)                         {Filename} -> s3://{Bucket}/{Key}
upload_fileobj(Fileobj, Bucket, Key)                       - -> s3://{Bucket}/{Key}
download_file(Bucket, Key, Filename)                       s3://{Bucket}/{Key} -> {Filename}
download_fileobj(Bucket, Key)                              s3://{Bucket}/{Key} -> -
copy_object(*, Bucket, Key, CopySource)                    s3://{CopySource.Bucket}/{CopySource.Key} & s3://{CopySource} -> s3://{Bucket}/{Key}
copy_object(source_bucket_key, dest_bucket_key, source_bucket_name, dest_bucket_name)  s3://{source_bucket_name}/{source_bucket_key} -> s3://{dest_bucket_name}/{dest_bucket_key}
client|resource.copy(CopySource, Bucket, Key)              s3://{CopySource.Bucket}/{CopySource.Key} & s3://{CopySource} -> s3://{Bucket}/{Key}
list_objects|list_objects_v2(*, Bucket, Prefix)            s3://{Bucket}/{Prefix?} -> -
get_paginator.paginate(*, Bucket, Prefix)                  s3://{Bucket}/{Prefix?} -> -
load_file(*, filename, key, bucket_name)                   {filename} -> s3://{bucket_name}/{key}
load_string|load_bytes|load_file_obj(*, key, bucket_name)  - -> s3://{bucket_name}/{key}
read_key|get_key(*, key, bucket_name)                      s3://{bucket_name}/{key} -> -
list_keys(*, bucket_name, prefix)                          s3://{bucket_name}/{prefix?} -> -

Table(name).put_item|update_item|delete_item|batch_writer(Item)  - -> dynamodb://aws_default/{name}
Table(name).get_item|scan|query(Key)                       dynamodb://aws_default/{name} -> -
put_item|update_item|delete_item(*, TableName)             - -> dynamodb://aws_default/{TableName}
get_item|scan|query(*, TableName)                          dynamodb://aws_default/{TableName} -> -
*Dynamo*Hook(aws_conn_id, table_keys, table_name).write_batch_data(items)  - -> dynamodb://{aws_conn_id=aws_default}/{table_name}
"""  # noqa: E501 - a table

GOOGLE = """
GCS*Hook|GoogleCloudStorageHook.upload(bucket_name|bucket, object_name|object, filename)  {filename} -> gs://{bucket_name}/{object_name}
GCS*Hook|GoogleCloudStorageHook.download(bucket_name|bucket, object_name|object, filename)  gs://{bucket_name}/{object_name} -> {filename?}
GCS*Hook|GoogleCloudStorageHook.download_as_byte_array|provide_file(bucket_name, object_name)  gs://{bucket_name}/{object_name} -> -
GCS*Hook|GoogleCloudStorageHook.provide_file_and_upload(bucket_name, object_name)  - -> gs://{bucket_name}/{object_name}
GCS*Hook|GoogleCloudStorageHook.copy|rewrite(source_bucket, source_object, destination_bucket, destination_object)  gs://{source_bucket}/{source_object} -> gs://{destination_bucket|source_bucket}/{destination_object|source_object}
GCS*Hook|GoogleCloudStorageHook.list|list_by_timespan(bucket_name|bucket, versions, max_results, prefix)  gs://{bucket_name}/{prefix?} -> -
GCS*Hook|GoogleCloudStorageHook.compose(bucket_name, source_objects, destination_object)  gs://{bucket_name}/{source_objects} -> gs://{bucket_name}/{destination_object}
upload(*, bucket_name, object_name, filename)              {filename} -> gs://{bucket_name}/{object_name}
download(*, bucket_name, object_name, filename)            gs://{bucket_name}/{object_name} -> {filename?}
bucket|get_bucket|Bucket(bucket_name|name|bucket_or_name).blob|get_blob|Blob(blob_name|name).upload_from_filename(filename)  {filename} -> gs://{bucket_name}/{blob_name}
bucket|get_bucket|Bucket(bucket_name|name|bucket_or_name).blob|get_blob|Blob(blob_name|name).upload_from_string|upload_from_file(data)  - -> gs://{bucket_name}/{blob_name}
bucket|get_bucket|Bucket(bucket_name|name|bucket_or_name).blob|get_blob|Blob(blob_name|name).download_to_filename(filename)  gs://{bucket_name}/{blob_name} -> {filename}
bucket|get_bucket|Bucket(bucket_name|name|bucket_or_name).blob|get_blob|Blob(blob_name|name).download_as_string|download_as_bytes|download_as_text|download_to_file(start)  gs://{bucket_name}/{blob_name} -> -
bucket|get_bucket|Bucket(bucket_name|name|bucket_or_name).blob|get_blob|Blob(blob_name|name).open(mode)  mode:gs://{bucket_name}/{blob_name} -> -
bucket|get_bucket|Bucket(bucket_name|name|bucket_or_name).list_blobs(max_results, page_token, prefix)  gs://{bucket_name}/{prefix?} -> -
list_blobs(bucket_or_name|bucket_name, max_results, page_token, prefix)  gs://{bucket_or_name}/{prefix?} -> -
"""  # noqa: E501 - a table

AZURE = """
Wasb*Hook.load_file(file_path, container_name, blob_name)  {file_path} -> wasbs://{container_name}/{blob_name}
Wasb*Hook.load_string(string_data, container_name, blob_name)  - -> wasbs://{container_name}/{blob_name}
Wasb*Hook.get_file(file_path, container_name, blob_name)   wasbs://{container_name}/{blob_name} -> {file_path}
Wasb*Hook.read_file|download(container_name, blob_name)    wasbs://{container_name}/{blob_name} -> -
Wasb*Hook.upload(container_name, blob_name)                - -> wasbs://{container_name}/{blob_name}
Wasb*Hook.get_blobs_list|get_blobs_list_recursive(container_name, prefix)  wasbs://{container_name}/{prefix?} -> -
get_container_client(container).get_blob_client(blob).upload_blob(data)  - -> wasbs://{container}/{blob}
get_container_client(container).get_blob_client(blob).download_blob(offset)  wasbs://{container}/{blob} -> -
get_blob_client|BlobClient|from_connection_string(container|container_name, blob|blob_name).upload_blob(data)  - -> wasbs://{container}/{blob}
get_blob_client|BlobClient|from_connection_string(container|container_name, blob|blob_name).download_blob(offset)  wasbs://{container}/{blob} -> -
get_container_client|ContainerClient(container|container_name).upload_blob(name)  - -> wasbs://{container}/{name}
get_container_client|ContainerClient(container|container_name).download_blob(blob)  wasbs://{container}/{blob} -> -
get_container_client|ContainerClient(container|container_name).list_blobs(name_starts_with)  wasbs://{container}/{name_starts_with?} -> -
get_file_system_client(file_system).get_file_client(file_path).upload_data|append_data|create_file(data)  - -> abfss://{file_system}/{file_path}
get_file_system_client(file_system).get_file_client(file_path).download_file(offset)  abfss://{file_system}/{file_path} -> -
AzureDataLakeStorageV2Hook.upload_file(file_system_name, file_name, file_path)  {file_path} -> abfss://{file_system_name}/{file_name}
AzureDataLakeHook(azure_data_lake_conn_id).upload_file(local_path, remote_path)  {local_path} -> adl://{azure_data_lake_conn_id=azure_data_lake_default}/{remote_path}
AzureDataLakeHook(azure_data_lake_conn_id).download_file(local_path, remote_path)  adl://{azure_data_lake_conn_id=azure_data_lake_default}/{remote_path} -> {local_path}
"""  # noqa: E501 - a table

HADOOP = """
WebHDFSHook(webhdfs_conn_id).load_file(source, destination)  {source} -> hdfs://{webhdfs_conn_id=webhdfs_default}/{destination}
WebHDFSHook(webhdfs_conn_id).read_file(filename)           hdfs://{webhdfs_conn_id=webhdfs_default}/{filename} -> -
InsecureClient|KerberosClient(url).upload(hdfs_path, local_path)  {local_path} -> hdfs://{url}/{hdfs_path}
InsecureClient|KerberosClient(url).download(hdfs_path, local_path)  hdfs://{url}/{hdfs_path} -> {local_path}
InsecureClient|KerberosClient(url).write(hdfs_path)        - -> hdfs://{url}/{hdfs_path}
InsecureClient|KerberosClient(url).read(hdfs_path)         hdfs://{url}/{hdfs_path} -> -
"""  # noqa: E501 - a table
