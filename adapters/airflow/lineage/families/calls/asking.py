"""Whether something is there: what a sensor, or a branch, looks at to decide. Of any other task,
to which it is only a precaution, it is not recorded.
"""

ASKING = """
os: exists|isfile|isdir|getsize|getmtime|stat(path)        {path} -> -
os.path: exists|isfile|isdir|getsize|getmtime(path)        {path} -> -
genericpath: exists|isfile|isdir|getsize|getmtime(path)    {path} -> -
Path|PosixPath|ObjectStoragePath|UPath(path).exists|is_file|is_dir|stat()  {path} -> -
head_object|get_object_attributes(*, Bucket, Key)          s3://{Bucket}/{Key} -> -
*S3*|*Aws*|*AWS*.check_for_key(key, bucket_name)           s3://{bucket_name}/{key} -> -
*S3*|*Aws*|*AWS*.check_for_wildcard_key(wildcard_key, bucket_name)  s3://{bucket_name}/{wildcard_key} -> -
*S3*|*Aws*|*AWS*.check_for_prefix(prefix, delimiter, bucket_name)  s3://{bucket_name}/{prefix} -> -
Object(bucket_name, key).load()                            s3://{bucket_name}/{key} -> -
S3FileSystem.exists|isfile(path)                           s3://{path} -> -
GCSFileSystem.exists|isfile(path)                          gs://{path} -> -
GCS*Hook|GoogleCloudStorageHook.exists|is_updated_after|get_size(bucket_name|bucket, object_name|object)  gs://{bucket_name}/{object_name} -> -
bucket|get_bucket|Bucket(bucket_name|name|bucket_or_name).blob|get_blob|Blob(blob_name|name).exists()  gs://{bucket_name}/{blob_name} -> -
Wasb*Hook.check_for_blob(container_name, blob_name)        wasbs://{container_name}/{blob_name} -> -
Wasb*Hook.check_for_prefix(container_name, prefix)         wasbs://{container_name}/{prefix} -> -
SFTPHook(ssh_conn_id|ftp_conn_id|sftp_conn_id).path_exists|isfile|isdir|get_mod_time(path)  sftp://{ssh_conn_id=sftp_default}/{path} -> -
WebHDFSHook(webhdfs_conn_id).check_for_path(hdfs_path)     hdfs://{webhdfs_conn_id=webhdfs_default}/{hdfs_path} -> -
*BigQuery*Hook.table_exists(dataset_id, table_id, project_id)  bigquery://default/{project_id?}.{dataset_id}.{table_id} -> -
"""  # noqa: E501 - a table
