"""Operators of the Microsoft Azure provider."""

MOVES = """
ADLSCreateObjectOperator        - -> adl://{azure_data_lake_conn_id=azure_data_lake_default}/{file_system_name}/{file_name}
ADLSListOperator                adl://{azure_data_lake_conn_id=azure_data_lake_default}/{file_system_name?}/{path} -> -
ASBReceiveSubscriptionMessageOperator  servicebus://{azure_service_bus_conn_id=azure_service_bus_default}/{topic_name} -> -
AzureBlobStorageToTeradataOperator  {blob_source_key} -> teradata://{teradata_conn_id=teradata_default}/{teradata_table}
AzureCosmosInsertDocumentOperator  - -> cosmosdb://{azure_cosmos_conn_id=azure_cosmos_default}/{database_name?}.{collection_name}
AzureDataLakeStorageListOperator  adl://{azure_data_lake_conn_id=azure_data_lake_default}/{path} -> -
AzureServiceBusReceiveMessageOperator  servicebus://{azure_service_bus_conn_id=azure_service_bus_default}/{queue_name} -> -
AzureServiceBusSendMessageOperator  - -> servicebus://{azure_service_bus_conn_id=azure_service_bus_default}/{queue_name}
FileToWasbOperator              file://{file_path} -> wasbs://{container_name}/{blob_name}
LocalFilesystemToADLSOperator   file://{local_path} -> adl://{azure_data_lake_conn_id=azure_data_lake_default}/{remote_path}
LocalFilesystemToWasbOperator   file://{file_path} -> wasbs://{container_name}/{blob_name}
OracleToAzureDataLakeOperator   oracle://{oracle_conn_id=oracle_default}/sql:{sql} -> adl://{azure_data_lake_conn_id=azure_data_lake_default}/{azure_data_lake_path}/{filename}
OracleToAzureDataLakeTransfer   oracle://{oracle_conn_id=oracle_default}/sql:{sql} -> adl://{azure_data_lake_conn_id=azure_data_lake_default}/{azure_data_lake_path}/{filename}
S3ToAzureBlobStorageOperator    s3://{s3_bucket}/{s3_key|s3_prefix} -> wasbs://{container_name}/{blob_name|blob_prefix?}
SFTPToWasbOperator              sftp://{sftp_conn_id=sftp_default}/{sftp_source_path} -> wasbs://{container_name}/{blob_prefix?}
"""  # noqa: E501 - a table
