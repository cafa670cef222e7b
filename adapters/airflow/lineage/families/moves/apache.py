"""Operators around Hive, Spark, Sqoop and Kafka."""

MOVES = """
ConsumeFromTopicOperator        kafka://{kafka_config_id=kafka_default}/{topics} -> -
HiveStatsCollectionOperator     hive://{metastore_conn_id=metastore_default}/{table} -> -
HiveToDruidOperator             hive://{hive_cli_conn_id=hive_cli_default}/sql:{sql} -> druid://{druid_ingest_conn_id=druid_ingest_default}/{druid_datasource}
HiveToDruidTransfer             hive://{hive_cli_conn_id=hive_cli_default}/sql:{sql} -> druid://{druid_ingest_conn_id=druid_ingest_default}/{druid_datasource}
HiveToMySqlOperator             hive://{hiveserver2_conn_id=hiveserver2_default}/sql:{sql} -> mysql://{mysql_conn_id=mysql_default}/{mysql_table}
HiveToMySqlTransfer             hive://{hiveserver2_conn_id=hiveserver2_default}/sql:{sql} -> mysql://{mysql_conn_id=mysql_default}/{mysql_table}
HiveToSambaOperator             hive://{hiveserver2_conn_id=hiveserver2_default}/sql:{hql} -> smb://{samba_conn_id=samba_default}/{destination_filepath}
MsSqlToHiveOperator             mssql://{mssql_conn_id=mssql_default}/sql:{sql} -> hive://{hive_cli_conn_id=hive_cli_default}/{hive_table}
MsSqlToHiveTransfer             mssql://{mssql_conn_id=mssql_default}/sql:{sql} -> hive://{hive_cli_conn_id=hive_cli_default}/{hive_table}
MySqlToHiveOperator             mysql://{mysql_conn_id=mysql_default}/sql:{sql} -> hive://{hive_cli_conn_id=hive_cli_default}/{hive_table}
MySqlToHiveTransfer             mysql://{mysql_conn_id=mysql_default}/sql:{sql} -> hive://{hive_cli_conn_id=hive_cli_default}/{hive_table}
ProduceToTopicOperator          - -> kafka://{kafka_config_id=kafka_default}/{topic}
S3ToHiveOperator                s3://{s3_key} -> hive://{hive_cli_conn_id=hive_cli_default}/{hive_table}
S3ToHiveTransfer                s3://{s3_key} -> hive://{hive_cli_conn_id=hive_cli_default}/{hive_table}
SparkJDBCOperator[cmd_type=jdbc_to_spark]  jdbc://{jdbc_conn_id=jdbc_default}/{jdbc_table} -> spark://{spark_conn_id=spark_default}/{metastore_table}
SparkJDBCOperator               spark://{spark_conn_id=spark_default}/{metastore_table} -> jdbc://{jdbc_conn_id=jdbc_default}/{jdbc_table}
SqoopOperator[cmd_type=export]  hdfs://default/{export_dir} -> ?://{conn_id=sqoop_default}/{table}
SqoopOperator                   ?://{conn_id=sqoop_default}/{table} & ?://{conn_id=sqoop_default}/sql:{query} -> hdfs://default/{target_dir}
VerticaToHiveOperator           vertica://{vertica_conn_id=vertica_default}/sql:{sql} -> hive://{hive_cli_conn_id=hive_cli_default}/{hive_table}
VerticaToHiveTransfer           vertica://{vertica_conn_id=vertica_default}/sql:{sql} -> hive://{hive_cli_conn_id=hive_cli_default}/{hive_table}
"""  # noqa: E501 - a table
