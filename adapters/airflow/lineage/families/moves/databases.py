"""Operators between databases, and of databases that load and unload themselves."""

MOVES = """
ArangoDBCollectionOperator      - -> arangodb://{arangodb_conn_id=arangodb_default}/{collection_name}
CopyFromExternalStageToSnowflakeOperator  snowflake://{snowflake_conn_id=snowflake_default}/@{stage} -> snowflake://{snowflake_conn_id=snowflake_default}/{database?}.{schema?}.{table}
DatabricksCopyIntoOperator      {file_location} -> databricks://{databricks_conn_id=databricks_default}/{table_name}
GenericTransfer                 ?://{source_conn_id=default}/sql:{sql} -> ?://{destination_conn_id=default}/{destination_table}
GreatExpectationsOperator[conn_id]  ?://{conn_id}/{schema?}.{data_asset_name} -> -
OracleToOracleOperator          oracle://{oracle_source_conn_id}/sql:{source_sql} -> oracle://{oracle_destination_conn_id}/{destination_table}
OracleToOracleTransfer          oracle://{oracle_source_conn_id}/sql:{source_sql} -> oracle://{oracle_destination_conn_id}/{destination_table}
PrestoToMySqlOperator           presto://{presto_conn_id=presto_default}/sql:{sql} -> mysql://{mysql_conn_id=mysql_default}/{mysql_table}
PrestoToMySqlTransfer           presto://{presto_conn_id=presto_default}/sql:{sql} -> mysql://{mysql_conn_id=mysql_default}/{mysql_table}
PrestoToSlackOperator           presto://{presto_conn_id=presto_default}/sql:{sql} -> -
S3ToMySqlOperator               s3://{s3_source_key} -> mysql://{mysql_conn_id=mysql_default}/{mysql_table}
S3ToMySqlTransfer               s3://{s3_source_key} -> mysql://{mysql_conn_id=mysql_default}/{mysql_table}
S3ToSnowflakeOperator           snowflake://{snowflake_conn_id=snowflake_default}/@{stage} -> snowflake://{snowflake_conn_id=snowflake_default}/{database?}.{schema?}.{table}
S3ToSnowflakeTransfer           snowflake://{snowflake_conn_id=snowflake_default}/@{stage} -> snowflake://{snowflake_conn_id=snowflake_default}/{database?}.{schema?}.{table}
S3ToTeradataOperator            s3://{s3_source_key} -> teradata://{teradata_conn_id=teradata_default}/{teradata_table}
SnowflakeToSlackOperator        snowflake://{snowflake_conn_id=snowflake_default}/sql:{sql} -> -
SQLBulkLoadOperator             file://{tmp_file} -> ?://{conn_id=default}/{table}
SQLInsertRowsOperator           - -> ?://{conn_id=default}/{database?}.{schema?}.{table_name}
SqlToSlackApiFileOperator       ?://{sql_conn_id=default}/sql:{sql} -> -
SqlToSlackOperator              ?://{sql_conn_id=default}/sql:{sql} -> -
SqlToSlackWebhookOperator       ?://{sql_conn_id=default}/sql:{sql} -> -
TdLoadOperator                  teradata://{teradata_conn_id=teradata_default}/{source_table} & teradata://{teradata_conn_id=teradata_default}/sql:{select_stmt} & file://{source_file_name} -> teradata://{target_teradata_conn_id|teradata_conn_id=teradata_default}/{target_table} & file://{target_file_name}
TeradataToTeradataOperator      teradata://{source_teradata_conn_id}/sql:{sql} -> teradata://{dest_teradata_conn_id}/{destination_table}
TrinoToMySqlOperator            trino://{trino_conn_id=trino_default}/sql:{sql} -> mysql://{mysql_conn_id=mysql_default}/{mysql_table}
VerticaToMySqlOperator          vertica://{vertica_conn_id=vertica_default}/sql:{sql} -> mysql://{mysql_conn_id=mysql_default}/{mysql_table}
VerticaToMySqlTransfer          vertica://{vertica_conn_id=vertica_default}/sql:{sql} -> mysql://{mysql_conn_id=mysql_default}/{mysql_table}
"""  # noqa: E501 - a table
