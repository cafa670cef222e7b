"""Databases: SQL and tables, through hooks, drivers, SQLAlchemy, data frames and clients."""

_CON = "con|connection|conn|engine|uri|connection_uri"
_SQL = "sql|query|operation|statement|hql|bql|sql_query|cql|stmt"

FRAMES = f"""
awswrangler: read_sql_query(sql, database)                 sql@awsathena/aws_default:{{sql}} -> -
awswrangler: read_sql_table(table, database)               awsathena://aws_default/{{database}}.{{table}} -> -
awswrangler: copy(df, path, {_CON}, table, schema)         - -> table:{{schema?}}.{{table}}
awswrangler: to_sql(df, {_CON}, table, schema)             - -> table:{{schema?}}.{{table}}
read_sql|read_sql_query|read_database|read_database_uri|read_postgis|from_postgis({_SQL}, {_CON})  sql:{{sql}} & table:{{sql}} -> -
get_pandas_df|get_df|get_polars_df|get_pandas_df_by_chunks|get_df_by_chunks({_SQL})  sql:{{sql}} & table:{{sql}} -> -
read_sql_table(table_name, {_CON}, schema)                    table:{{schema?}}.{{table_name}} -> -
to_sql|to_postgis(name, {_CON}, schema)                       - -> table:{{schema?}}.{{name}}
write_database(table_name, {_CON})                     - -> table:{{table_name}}
read_gbq|read_gbq_query|read_gbq_table(query|query_or_table)  sql@bigquery/default:{{query}} & bigquery://default/{{query}} -> -
to_gbq(destination_table, project_id)                      - -> bigquery://default/{{destination_table}}
pandas_gbq: to_gbq(dataframe, destination_table)           - -> bigquery://default/{{destination_table}}
pangres: upsert|aupsert|upsert_or_aupsert({_CON}, df, table_name, if_row_exists, schema)  - -> table:{{schema?}}.{{table_name}}
connectorx: read_sql(conn, query)                          sql:{{query}} -> -
fast_to_sql: fast_to_sql(df, name, conn)                   - -> table:{{name}}
write_pandas(conn, df, table_name, database, schema)       - -> table:{{database?}}.{{schema?}}.{{table_name}}
insert_df(table, df)                                       - -> table:{{table}}
petl: fromdb(dbo, query)                                   sql:{{query}} -> -
petl: todb|appenddb(table, dbo, tablename, schema)         - -> table:{{schema?}}.{{tablename}}
"""  # noqa: E501 - a table

RUNNING = f"""
execute_values|execute_batch(cur, {_SQL})                  sql:{{sql}} -> -
*Hook.run_cli(hql)                                         sql:{{hql}} -> -
*BigQuery*Hook.run_query(sql, destination_dataset_table)   sql:{{sql}} -> bigquery://default/{{destination_dataset_table}}
*Hook.run_query({_SQL})                                    sql:{{sql}} -> -
*Hook.to_csv(hql, csv_filepath)                            sql:{{hql}} -> {{csv_filepath}}
*Hook.run({_SQL})                                          sql:{{sql}} -> -
run(*, sql)                                                sql:{{sql}} -> -
clickhouse_connect: get_client|get_async_client|create_client.insert(table, data)  - -> table:{{table}}
insert_dataframe({_SQL})                                   sql:{{sql}} -> -
query_dataframe|query_np|execute_iter({_SQL})              sql:{{sql}} -> -
execute|executemany|executescript|exec_driver_sql|execute_string|execute_async({_SQL})  sql:{{sql}} -> -
get_records|get_first|execute_query|query_df|query_arrow|scalar|scalars|fetch_all|fetchval({_SQL})  sql:{{sql}} -> -
from_statement(statement)                                  sql:{{statement}} -> -
copy_expert({_SQL}, file|filename)                         sql:{{sql}} -> -
client|Client|*Hook|connect|get_conn|get_connection|get_client.command({_SQL})  sql:{{sql}} -> -
sql({_SQL})                                                sql:{{sql}} -> -
execute_statement(*, Sql, ClusterIdentifier|WorkgroupName)  sql@redshift/{{ClusterIdentifier}}:{{Sql}} -> -
execute_query(sql, database, cluster_identifier)           sql@redshift/{{cluster_identifier}}:{{sql}} -> -
start_query_execution(*, QueryString, ResultConfiguration, QueryExecutionContext)  sql@awsathena/aws_default:{{QueryString}} -> {{ResultConfiguration.OutputLocation}}
Athena*Hook.run_query(query, query_context, result_configuration)  sql@awsathena/aws_default:{{query}} -> {{result_configuration.OutputLocation}}
"""  # noqa: E501 - a table

TABLES = """
insert_rows|bulk_insert_rows(table, rows)                  - -> table:{table}
bulk_load|bulk_load_custom(table, tmp_file)                {tmp_file} -> table:{table}
bulk_dump(table, tmp_file)                                 table:{table} -> {tmp_file}
*Hook.load_df(df, table)                                   - -> table:{table}
*Hook.load_file(filepath, table)                           {filepath} -> table:{table}
cursor|get_cursor.copy_from(file, table)                   - -> table:{table}
cursor|get_cursor.copy_to(file, table)                     table:{table} -> -
insert_rows(*, table)                                      - -> table:{table}
saveAsTable|insertInto|save_as_table|writeTo|createOrReplaceTempView(name|tableName|table)  - -> table:{name}
"""  # noqa: E501 - a table

BIGQUERY = """
*BigQuery*Hook.insert_all(project_id, dataset_id, table_id)  - -> bigquery://default/{project_id?}.{dataset_id}.{table_id}
*BigQuery*Hook.create_empty_table(project_id, dataset_id, table_id)  - -> bigquery://default/{project_id?}.{dataset_id}.{table_id}
*BigQuery*Hook.list_rows(*, dataset_id, table_id, project_id)  bigquery://default/{project_id?}.{dataset_id}.{table_id} -> -
*BigQuery*Hook.run_load(destination_project_dataset_table, source_uris)  {source_uris} -> bigquery://default/{destination_project_dataset_table}
*BigQuery*Hook.run_extract(source_project_dataset_table, destination_cloud_storage_uris)  bigquery://default/{source_project_dataset_table} -> {destination_cloud_storage_uris}
*BigQuery*Hook.run_copy(source_project_dataset_tables, destination_project_dataset_table)  bigquery://default/{source_project_dataset_tables} -> bigquery://default/{destination_project_dataset_table}
*BigQuery*Hook.insert_job(*, configuration)                sql@bigquery/default:{configuration.query.query} & {configuration.load.sourceUris} & bigquery://default/{configuration.extract.sourceTable.projectId?}.{configuration.extract.sourceTable.datasetId}.{configuration.extract.sourceTable.tableId} -> bigquery://default/{configuration.query.destinationTable.projectId?}.{configuration.query.destinationTable.datasetId}.{configuration.query.destinationTable.tableId} & bigquery://default/{configuration.load.destinationTable.projectId?}.{configuration.load.destinationTable.datasetId}.{configuration.load.destinationTable.tableId} & {configuration.extract.destinationUris}
query|query_and_wait(query|sql, job_config)                sql:{query} -> bigquery://default/{job_config.destination}
load_table_from_dataframe|load_table_from_file|load_table_from_json(data, destination)  - -> bigquery://default/{destination}
load_table_from_uri(source_uris, destination)              {source_uris} -> bigquery://default/{destination}
extract_table(source, destination_uris)                    bigquery://default/{source} -> {destination_uris}
copy_table(sources, destination)                           bigquery://default/{sources} -> bigquery://default/{destination}
insert_rows_json|insert_rows_from_dataframe(table)         - -> bigquery://default/{table}
google.cloud: insert_rows(table)                           - -> bigquery://default/{table}
google.cloud: list_rows(table)                             bigquery://default/{table} -> -
google.cloud: create_table(table)                          sql@bigquery/default:{table.view_query} -> bigquery://default/{table}
Client.create_table(table)                                 - -> bigquery://default/{table}
"""  # noqa: E501 - a table
