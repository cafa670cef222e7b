"""Operators whose arguments name what they move: one line each, `Operator  from -> to`.

A place is a URI with arguments in braces: `{a|b}` is the first that is given, `{a?}` may be
missing, `{a=text}` has the default of the provider. `sql:{a}` in place of a table is every table
that the SQL in it reads. Several places are apart by ` & `; `?://` is a connection whose kind of
database only its name or other tasks tell. A list in an argument gives a place for each item.
Arguments as of the providers of November 2026 and, after `|`, as they were called before.
"""

from __future__ import annotations

from dataclasses import dataclass

_TEXT = """
GenericTransfer                 ?://{source_conn_id=default}/sql:{sql} -> ?://{destination_conn_id=default}/{destination_table}

# Amazon
AzureBlobStorageToS3Operator    wasbs://{container_name}/{prefix?} -> s3://{dest_s3_key}
DynamoDBToS3Operator            dynamodb://{source_aws_conn_id|aws_conn_id=aws_default}/{dynamodb_table_name} -> s3://{s3_bucket_name}/{s3_key_prefix?}
ExasolToS3Operator              exasol://{exasol_conn_id=exasol_default}/sql:{query_or_table} -> s3://{bucket_name}/{key}
FTPToS3Operator                 ftp://{ftp_conn_id=ftp_default}/{ftp_path} -> s3://{s3_bucket}/{s3_key}
GCSToS3Operator                 gs://{gcs_bucket|bucket}/{prefix?} -> s3://{dest_s3_key}
GlacierToGCSOperator            glacier://{aws_conn_id=aws_default}/{vault_name} -> gs://{bucket_name}/{object_name}
GoogleApiToS3Operator           - -> s3://{s3_destination_key}
HiveToDynamoDBOperator          hive://{hiveserver2_conn_id=hiveserver2_default}/sql:{sql} -> dynamodb://{aws_conn_id=aws_default}/{table_name}
HttpToS3Operator                http://{http_conn_id=http_default}/{endpoint} -> s3://{s3_bucket}/{s3_key}
ImapAttachmentToS3Operator      - -> s3://{s3_bucket}/{s3_key}
LocalFilesystemToS3Operator     file://{filename} -> s3://{dest_bucket}/{dest_key}
MongoToS3Operator               mongodb://{mongo_conn_id=mongo_default}/{mongo_db?}.{mongo_collection} -> s3://{s3_bucket}/{s3_key}
MySQLToS3Operator               mysql://{mysql_conn_id=mysql_default}/sql:{query} -> s3://{s3_bucket}/{s3_key}
RedshiftToS3Operator            redshift://{redshift_conn_id=redshift_default}/{schema?}.{table} & redshift://{redshift_conn_id=redshift_default}/sql:{select_query} -> s3://{s3_bucket}/{s3_key}
S3CopyObjectOperator            s3://{source_bucket_name}/{source_bucket_key} -> s3://{dest_bucket_name}/{dest_bucket_key}
S3CreateObjectOperator          - -> s3://{s3_bucket}/{s3_key}
S3FileTransformOperator         s3://{source_s3_key} -> s3://{dest_s3_key}
S3ToDynamoDBOperator            s3://{s3_bucket}/{s3_key} -> dynamodb://{aws_conn_id=aws_default}/{dynamodb_table_name}
S3ToFTPOperator                 s3://{s3_bucket}/{s3_key} -> ftp://{ftp_conn_id=ftp_default}/{ftp_path}
S3ToRedshiftOperator            s3://{s3_bucket}/{s3_key} -> redshift://{redshift_conn_id=redshift_default}/{schema?}.{table}
S3ToRedshiftTransfer            s3://{s3_bucket}/{s3_key} -> redshift://{redshift_conn_id=redshift_default}/{schema?}.{table}
RedshiftToS3Transfer            redshift://{redshift_conn_id=redshift_default}/{schema?}.{table} -> s3://{s3_bucket}/{s3_key}
S3ToSFTPOperator                s3://{s3_bucket}/{s3_key} -> sftp://{sftp_conn_id=ssh_default}/{sftp_path}
S3ToSqlOperator                 s3://{s3_bucket}/{s3_key} -> ?://{sql_conn_id=sql_default}/{schema?}.{table}
SFTPToS3Operator                sftp://{sftp_conn_id=ssh_default}/{sftp_path} -> s3://{s3_bucket}/{s3_key}
SalesforceToS3Operator          salesforce://{salesforce_conn_id=salesforce_default}/sql:{salesforce_query} -> s3://{s3_bucket_name}/{s3_key}
SqlToS3Operator                 ?://{sql_conn_id=sql_default}/sql:{query} -> s3://{s3_bucket}/{s3_key}

# Apache Hive
HiveToMySqlOperator             hive://{hiveserver2_conn_id=hiveserver2_default}/sql:{sql} -> mysql://{mysql_conn_id=mysql_default}/{mysql_table}
HiveToMySqlTransfer             hive://{hiveserver2_conn_id=hiveserver2_default}/sql:{sql} -> mysql://{mysql_conn_id=mysql_default}/{mysql_table}
HiveToSambaOperator             hive://{hiveserver2_conn_id=hiveserver2_default}/sql:{hql} -> smb://{samba_conn_id=samba_default}/{destination_filepath}
MsSqlToHiveOperator             mssql://{mssql_conn_id=mssql_default}/sql:{sql} -> hive://{hive_cli_conn_id=hive_cli_default}/{hive_table}
MySqlToHiveOperator             mysql://{mysql_conn_id=mysql_default}/sql:{sql} -> hive://{hive_cli_conn_id=hive_cli_default}/{hive_table}
MySqlToHiveTransfer             mysql://{mysql_conn_id=mysql_default}/sql:{sql} -> hive://{hive_cli_conn_id=hive_cli_default}/{hive_table}
S3ToHiveOperator                s3://{s3_key} -> hive://{hive_cli_conn_id=hive_cli_default}/{hive_table}
S3ToHiveTransfer                s3://{s3_key} -> hive://{hive_cli_conn_id=hive_cli_default}/{hive_table}
VerticaToHiveOperator           vertica://{vertica_conn_id=vertica_default}/sql:{sql} -> hive://{hive_cli_conn_id=hive_cli_default}/{hive_table}

# Google
ADLSToGCSOperator               adl://{azure_data_lake_conn_id=azure_data_lake_default}/{src_adls} -> gs://{dest_gcs}
AzureBlobStorageToGCSOperator   wasbs://{container_name}/{blob_name} -> gs://{bucket_name}/{object_name}
AzureFileShareToGCSOperator     - -> gs://{dest_gcs}
BigQueryCreateEmptyTableOperator  - -> bigquery://default/{project_id?}.{dataset_id}.{table_id}
BigQueryCreateExternalTableOperator  gs://{bucket}/{source_objects} -> bigquery://default/{destination_project_dataset_table}
BigQueryGetDataOperator         bigquery://default/{project_id|table_project_id?}.{dataset_id}.{table_id} -> -
BigQueryToBigQueryOperator      bigquery://default/{source_project_dataset_tables} -> bigquery://default/{destination_project_dataset_table}
BigQueryToCloudStorageOperator  bigquery://default/{source_project_dataset_table} -> {destination_cloud_storage_uris}
BigQueryToGCSOperator           bigquery://default/{source_project_dataset_table} -> {destination_cloud_storage_uris}
BigQueryToMsSqlOperator         bigquery://default/{source_project_dataset_table} -> mssql://{mssql_conn_id=mssql_default}/{target_table_name|mssql_table}
BigQueryToMySqlOperator         bigquery://default/{dataset_table} & bigquery://default/{dataset_id}.{table_id} -> mysql://{mysql_conn_id=mysql_default}/{target_table_name|mysql_table}
BigQueryToPostgresOperator      bigquery://default/{dataset_table} & bigquery://default/{dataset_id}.{table_id} -> postgres://{postgres_conn_id=postgres_default}/{target_table_name}
CassandraToGCSOperator          cassandra://{cassandra_conn_id=cassandra_default}/sql:{cql} -> gs://{bucket}/{filename}
FacebookAdsReportToGcsOperator  - -> gs://{bucket_name}/{object_name}
GCSFileTransformOperator        gs://{source_bucket}/{source_object} -> gs://{destination_bucket|source_bucket}/{destination_object|source_object}
GCSSynchronizeBucketsOperator   gs://{source_bucket}/{source_object?} -> gs://{destination_bucket}/{destination_object?}
GCSToAzureBlobStorageOperator   gs://{gcs_bucket}/{prefix?} -> wasbs://{container_name}/{blob_prefix?}
GCSToBigQueryOperator           gs://{bucket}/{source_objects} -> bigquery://default/{destination_project_dataset_table}
GoogleCloudStorageToBigQueryOperator  gs://{bucket}/{source_objects} -> bigquery://default/{destination_project_dataset_table}
GCSToGCSOperator                gs://{source_bucket}/{source_object|source_objects} -> gs://{destination_bucket|source_bucket}/{destination_object|source_object}
GoogleCloudStorageToGoogleCloudStorageOperator  gs://{source_bucket}/{source_object} -> gs://{destination_bucket|source_bucket}/{destination_object|source_object}
GCSToGoogleDriveOperator        gs://{source_bucket}/{source_object} -> -
GCSToGoogleSheetsOperator       gs://{bucket_name}/{object_name} -> gsheets://{spreadsheet_id}/{spreadsheet_range?}
GCSToLocalFilesystemOperator    gs://{bucket}/{object_name|object} -> file://{filename}
GCSToPrestoOperator             gs://{source_bucket}/{source_object} -> presto://{presto_conn_id=presto_default}/{presto_table}
GCSToSFTPOperator               gs://{source_bucket}/{source_object} -> sftp://{sftp_conn_id=ssh_default}/{destination_path}
GCSToSambaOperator              gs://{source_bucket}/{source_object} -> smb://{samba_conn_id=samba_default}/{destination_path}
GCSToTrinoOperator              gs://{source_bucket}/{source_object} -> trino://{trino_conn_id=trino_default}/{trino_table}
GoogleAdsToGcsOperator          - -> gs://{bucket}/{obj}
GoogleCalendarToGCSOperator     - -> gs://{destination_bucket}/{destination_path?}
GoogleDriveToGCSOperator        - -> gs://{bucket_name|destination_bucket}/{object_name|destination_object}
GoogleSheetsToGCSOperator       gsheets://{spreadsheet_id}/ -> gs://{destination_bucket}/{destination_path?}
HttpToGCSOperator               http://{http_conn_id=http_default}/{endpoint} -> gs://{bucket_name}/{object_name}
LocalFilesystemToGCSOperator    file://{src} -> gs://{bucket}/{dst}
FileToGoogleCloudStorageOperator  file://{src} -> gs://{bucket}/{dst}
MSSQLToGCSOperator              mssql://{mssql_conn_id=mssql_default}/sql:{sql} -> gs://{bucket}/{filename}
MongoToGCSOperator              mongodb://{mongo_conn_id=mongo_default}/{mongo_db?}.{mongo_collection} -> gs://{bucket}/{filename}
MySQLToGCSOperator              mysql://{mysql_conn_id=mysql_default}/sql:{sql} -> gs://{bucket}/{filename}
MySqlToGoogleCloudStorageOperator  mysql://{mysql_conn_id=mysql_default}/sql:{sql} -> gs://{bucket}/{filename}
OracleToGCSOperator             oracle://{oracle_conn_id=oracle_default}/sql:{sql} -> gs://{bucket}/{filename}
PostgresToGCSOperator           postgres://{postgres_conn_id=postgres_default}/sql:{sql} -> gs://{bucket}/{filename}
PostgresToGoogleCloudStorageOperator  postgres://{postgres_conn_id=postgres_default}/sql:{sql} -> gs://{bucket}/{filename}
PrestoToGCSOperator             presto://{presto_conn_id=presto_default}/sql:{sql} -> gs://{bucket}/{filename}
S3ToGCSOperator                 s3://{bucket}/{prefix?} -> gs://{dest_gcs}
SFTPToGCSOperator               sftp://{sftp_conn_id=ssh_default}/{source_path} -> gs://{destination_bucket}/{destination_path?}
SQLToGoogleSheetsOperator       ?://{sql_conn_id=sql_default}/sql:{sql} -> gsheets://{spreadsheet_id}/{spreadsheet_range?}
SalesforceToGcsOperator         salesforce://{salesforce_conn_id=salesforce_default}/sql:{query} -> gs://{bucket_name}/{object_name}
TrinoToGCSOperator              trino://{trino_conn_id=trino_default}/sql:{sql} -> gs://{bucket}/{filename}

# Microsoft Azure
LocalFilesystemToADLSOperator   file://{local_path} -> adl://{azure_data_lake_conn_id=azure_data_lake_default}/{remote_path}
LocalFilesystemToWasbOperator   file://{file_path} -> wasbs://{container_name}/{blob_name}
FileToWasbOperator              file://{file_path} -> wasbs://{container_name}/{blob_name}
OracleToAzureDataLakeOperator   oracle://{oracle_conn_id=oracle_default}/sql:{sql} -> adl://{azure_data_lake_conn_id=azure_data_lake_default}/{azure_data_lake_path}/{filename}
S3ToAzureBlobStorageOperator    s3://{s3_bucket}/{s3_key|s3_prefix} -> wasbs://{container_name}/{blob_name|blob_prefix?}
SFTPToWasbOperator              sftp://{sftp_conn_id=sftp_default}/{sftp_source_path} -> wasbs://{container_name}/{blob_prefix?}

# Other databases, files and notebooks
AzureBlobStorageToTeradataOperator  {blob_source_key} -> teradata://{teradata_conn_id=teradata_default}/{teradata_table}
CopyFromExternalStageToSnowflakeOperator  - -> snowflake://{snowflake_conn_id=snowflake_default}/{database?}.{schema?}.{table}
DatabricksCopyIntoOperator      {file_location} -> databricks://{databricks_conn_id=databricks_default}/{table_name}
OracleToOracleOperator          oracle://{oracle_source_conn_id}/sql:{source_sql} -> oracle://{oracle_destination_conn_id}/{destination_table}
PapermillOperator               file://{input_nb} -> file://{output_nb}
PrestoToMySqlOperator           presto://{presto_conn_id=presto_default}/sql:{sql} -> mysql://{mysql_conn_id=mysql_default}/{mysql_table}
S3ToMySqlOperator               s3://{s3_source_key} -> mysql://{mysql_conn_id=mysql_default}/{mysql_table}
S3ToSnowflakeOperator           - -> snowflake://{snowflake_conn_id=snowflake_default}/{database?}.{schema?}.{table}
S3ToTeradataOperator            s3://{s3_source_key} -> teradata://{teradata_conn_id=teradata_default}/{teradata_table}
TeradataToTeradataOperator      teradata://{source_teradata_conn_id}/sql:{sql} -> teradata://{dest_teradata_conn_id}/{destination_table}
TrinoToMySqlOperator            trino://{trino_conn_id=trino_default}/sql:{sql} -> mysql://{mysql_conn_id=mysql_default}/{mysql_table}
VerticaToMySqlOperator          vertica://{vertica_conn_id=vertica_default}/sql:{sql} -> mysql://{mysql_conn_id=mysql_default}/{mysql_table}
"""  # noqa: E501 - a table


@dataclass(frozen=True, slots=True)
class Move:
    """Where one operator takes data from and where it puts it."""

    reads: tuple[str, ...]
    writes: tuple[str, ...]


def _places(text: str) -> tuple[str, ...]:
    found = (place.strip() for place in text.split(" & "))
    return tuple(place for place in found if place != "-")


def _parse(text: str) -> dict[str, Move]:
    moves = {}
    for line in text.splitlines():
        if not line or line.startswith("#"):
            continue
        name, _, rest = line.partition(" ")
        source, _, target = rest.strip().partition(" -> ")
        moves[name] = Move(_places(source), _places(target))
    return moves


MOVES = _parse(_TEXT)
