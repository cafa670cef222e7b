"""Sensors that wait for data; what one waits for, it reads."""

MOVES = """
AwaitMessageSensor              kafka://{kafka_config_id=kafka_default}/{topics}
AwaitMessageTriggerFunctionSensor  kafka://{kafka_config_id=kafka_default}/{topics}
AwsGlueCatalogPartitionSensor   ~glue://{aws_conn_id=aws_default}/{database_name=default}.{table_name}
AzureCosmosDocumentSensor       cosmosdb://{azure_cosmos_conn_id=azure_cosmos_default}/{database_name?}.{collection_name}
BigQueryStreamingBufferEmptySensor  bigquery://default/{project_id?}.{dataset_id}.{table_id}
BigQueryTableExistenceAsyncSensor  bigquery://default/{project_id?}.{dataset_id}.{table_id}
BigQueryTableExistencePartitionAsyncSensor  bigquery://default/{project_id?}.{dataset_id}.{table_id}
BigQueryTableExistenceSensor    bigquery://default/{project_id?}.{dataset_id}.{table_id}
BigQueryTablePartitionExistenceSensor  bigquery://default/{project_id?}.{dataset_id}.{table_id}
BigQueryTableSensor             bigquery://default/{project_id?}.{dataset_id}.{table_id}
CassandraRecordSensor           cassandra://{cassandra_conn_id=cassandra_default}/{table}
CassandraTableSensor            cassandra://{cassandra_conn_id=cassandra_default}/{table}
DatabricksPartitionSensor       databricks://{databricks_conn_id=databricks_default}/{catalog?}.{schema?}.{table_name}
DynamoDBValueSensor             dynamodb://{aws_conn_id=aws_default}/{table_name}
FileSensor                      file://{filepath}
FTPSensor                       ftp://{ftp_conn_id=ftp_default}/{path}
FTPSSensor                      ftp://{ftp_conn_id=ftp_default}/{path}
GCSObjectExistenceAsyncSensor   gs://{bucket}/{object}
GCSObjectExistenceSensor        gs://{bucket}/{object}
GCSObjectsWithPrefixExistenceSensor  gs://{bucket}/{prefix}
GCSObjectUpdateSensor           gs://{bucket}/{object}
GCSUploadSessionCompleteSensor  gs://{bucket}/{prefix}
GlueCatalogPartitionSensor      ~glue://{aws_conn_id=aws_default}/{database_name=default}.{table_name}
GoogleCloudStorageObjectSensor  gs://{bucket}/{object}
GoogleCloudStorageObjectUpdatedSensor  gs://{bucket}/{object}
GoogleCloudStoragePrefixSensor  gs://{bucket}/{prefix}
GoogleCloudStorageUploadSessionCompleteSensor  gs://{bucket}/{prefix}
HdfsSensor                      hdfs://{hdfs_conn_id=hdfs_default}/{filepath}
HivePartitionSensor             hive://{metastore_conn_id=metastore_default}/{schema?}.{table}
HttpSensor                      ~http://{http_conn_id=http_default}/{endpoint}
MetastorePartitionSensor        hive://{mysql_conn_id=metastore_mysql}/{schema?}.{table}
MongoSensor                     mongodb://{mongo_conn_id=mongo_default}/{mongo_db?}.{collection}
NamedHivePartitionSensor        hive://{metastore_conn_id=metastore_default}/{partition_names}
OSSKeySensor                    oss://{bucket_name}/{bucket_key}
S3KeySensor                     s3://{bucket_name}/{bucket_key}
S3KeySensorAsync                s3://{bucket_name}/{bucket_key}
S3KeySizeSensor                 s3://{bucket_name}/{bucket_key}
S3KeysUnchangedSensor           s3://{bucket_name}/{prefix}
S3PrefixSensor                  s3://{bucket_name}/{prefix}
SFTPSensor                      sftp://{sftp_conn_id=sftp_default}/{path}
WasbBlobSensor                  wasbs://{container_name}/{blob_name}
WasbPrefixSensor                wasbs://{container_name}/{prefix}
WebHdfsSensor                   hdfs://{webhdfs_conn_id=webhdfs_default}/{filepath}
"""
