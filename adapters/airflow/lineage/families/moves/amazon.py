"""Operators of the Amazon provider, and what reads or writes S3 with it."""

MOVES = """
AWSDataSyncOperator             {source_location_uri} -> {destination_location_uri}
AzureBlobStorageToS3Operator    wasbs://{container_name}/{prefix?} -> s3://{dest_s3_key}
BedrockBatchInferenceOperator   {input_uri} -> {output_uri}
BedrockCreateDataSourceOperator  s3://{bucket_name}/ -> -
BedrockCustomizeModelOperator   {training_data_uri} -> {output_data_uri}
ComprehendCreateDocumentClassifierOperator  {input_data_config.S3Uri} -> {output_data_config.S3Uri}
ComprehendStartPiiEntitiesDetectionJobOperator  {input_data_config.S3Uri} -> {output_data_config.S3Uri}
DataSyncOperator                {source_location_uri} -> {destination_location_uri}
DynamoDBToS3Operator            dynamodb://{source_aws_conn_id|aws_conn_id=aws_default}/{dynamodb_table_name} -> s3://{s3_bucket_name}/{s3_key_prefix?}
ExasolToS3Operator              exasol://{exasol_conn_id=exasol_default}/sql:{query_or_table} -> s3://{bucket_name}/{key}
FTPToS3Operator                 ftp://{ftp_conn_id=ftp_default}/{ftp_path} -> s3://{s3_bucket}/{s3_key}
GCSToS3Operator                 gs://{gcs_bucket|bucket}/{prefix?} -> s3://{dest_s3_key}
GlacierCreateJobOperator        glacier://{aws_conn_id=aws_default}/{vault_name} -> -
GlacierToGCSOperator            glacier://{aws_conn_id=aws_default}/{vault_name} -> gs://{bucket_name}/{object_name}
GlacierUploadArchiveOperator    - -> glacier://{aws_conn_id=aws_default}/{vault_name}
GlueCrawlerOperator[config.Targets]  {config.Targets.S3Targets.*.Path} & dynamodb://{aws_conn_id=aws_default}/{config.Targets.DynamoDBTargets.*.Path} -> -
GlueCatalogCreateTableOperator  - -> ~glue://{aws_conn_id=aws_default}/{database_name}.{table_name}
GoogleApiToS3Operator           - -> s3://{s3_destination_key}
GoogleCloudStorageToS3Operator  gs://{bucket}/{prefix?} -> s3://{dest_s3_key}
HiveToDynamoDBOperator          hive://{hiveserver2_conn_id=hiveserver2_default}/sql:{sql} -> dynamodb://{aws_conn_id=aws_default}/{table_name}
HttpToS3Operator                http://{http_conn_id=http_default}/{endpoint} -> s3://{s3_bucket}/{s3_key}
ImapAttachmentToS3Operator      - -> s3://{s3_bucket}/{s3_key}
LocalFilesystemToS3Operator     file://{filename} -> s3://{dest_bucket}/{dest_key}
MongoToS3Operator               mongodb://{mongo_conn_id=mongo_default}/{mongo_db?}.{mongo_collection} -> s3://{s3_bucket}/{s3_key}
MySQLToS3Operator               mysql://{mysql_conn_id=mysql_default}/sql:{query} -> s3://{s3_bucket}/{s3_key}
NeptuneCreateGraphWithImportOperator  {source} -> neptune://{aws_conn_id=aws_default}/{graph_name}
NeptuneStartImportTaskOperator  {source} -> neptune://{aws_conn_id=aws_default}/{graph_identifier}
RdsStartExportTaskOperator      ~rds://{aws_conn_id=aws_default}/{source_arn} -> s3://{s3_bucket_name}/{s3_prefix?}
RedshiftToS3Operator            redshift://{redshift_conn_id=redshift_default}/{schema?}.{table} & redshift://{redshift_conn_id=redshift_default}/sql:{select_query} -> s3://{s3_bucket}/{s3_key}
RedshiftToS3Transfer            redshift://{redshift_conn_id=redshift_default}/{schema?}.{table} -> s3://{s3_bucket}/{s3_key}
S3CopyObjectOperator            s3://{source_bucket_name}/{source_bucket_key} -> s3://{dest_bucket_name}/{dest_bucket_key}
S3CopyPrefixOperator            s3://{source_bucket_name}/{source_bucket_prefix} -> s3://{dest_bucket_name}/{dest_bucket_prefix}
S3CreateObjectOperator          - -> s3://{s3_bucket}/{s3_key}
S3FileTransformOperator         s3://{source_s3_key} -> s3://{dest_s3_key}
S3ListOperator                  s3://{bucket}/{prefix?} -> -
S3ListPrefixesOperator          s3://{bucket}/{prefix?} -> -
S3ReadObjectOperator            s3://{s3_bucket}/{s3_key} -> -
S3ToDynamoDBOperator            s3://{s3_bucket}/{s3_key} -> dynamodb://{aws_conn_id=aws_default}/{dynamodb_table_name}
S3ToFTPOperator                 s3://{s3_bucket}/{s3_key} -> ftp://{ftp_conn_id=ftp_default}/{ftp_path}
S3ToRedshiftOperator            s3://{s3_bucket}/{s3_key} -> redshift://{redshift_conn_id=redshift_default}/{schema?}.{table}
S3ToRedshiftTransfer            s3://{s3_bucket}/{s3_key} -> redshift://{redshift_conn_id=redshift_default}/{schema?}.{table}
S3ToSFTPOperator                s3://{s3_bucket}/{s3_key} -> sftp://{sftp_conn_id=ssh_default}/{sftp_path}
S3ToSqlOperator                 s3://{s3_bucket}/{s3_key} -> ?://{sql_conn_id=sql_default}/{schema?}.{table}
S3VectorsPutVectorsOperator     - -> s3vectors://{vector_bucket_name}/{index_name}
S3VectorsQueryVectorsOperator   s3vectors://{vector_bucket_name}/{index_name} -> -
SageMakerAutoMLOperator         {s3_input} -> {s3_output}
SageMakerProcessingOperator     {config.ProcessingInputs.*.S3Input.S3Uri} -> {config.ProcessingOutputConfig.Outputs.*.S3Output.S3Uri}
SageMakerTrainingOperator       {config.InputDataConfig.*.DataSource.S3DataSource.S3Uri} -> {config.OutputDataConfig.S3OutputPath}
SageMakerTransformOperator      {config.TransformInput.DataSource.S3DataSource.S3Uri|config.Transform.TransformInput.DataSource.S3DataSource.S3Uri} -> {config.TransformOutput.S3OutputPath|config.Transform.TransformOutput.S3OutputPath}
SageMakerTuningOperator         {config.TrainingJobDefinition.InputDataConfig.*.DataSource.S3DataSource.S3Uri} -> {config.TrainingJobDefinition.OutputDataConfig.S3OutputPath}
SalesforceToS3Operator          salesforce://{salesforce_conn_id=salesforce_default}/sql:{salesforce_query} -> s3://{s3_bucket_name}/{s3_key}
SFTPToS3Operator                sftp://{sftp_conn_id=ssh_default}/{sftp_path} -> s3://{s3_bucket}/{s3_key}
SqlToS3Operator                 ?://{sql_conn_id=sql_default}/sql:{query} -> s3://{s3_bucket}/{s3_key}
"""  # noqa: E501 - a table
