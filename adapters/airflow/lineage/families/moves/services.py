"""Operators of search and vector stores, and of applications."""

MOVES = """
DbtCloudGetJobRunArtifactOperator  - -> file://{output_file_name}
OpenSearchAddDocumentOperator   - -> opensearch://{opensearch_conn_id=opensearch_default}/{index_name}
OpenSearchCreateIndexOperator   - -> opensearch://{opensearch_conn_id=opensearch_default}/{index_name}
OpenSearchQueryOperator         opensearch://{opensearch_conn_id=opensearch_default}/{index_name} -> -
PineconeIngestOperator          - -> pinecone://{conn_id=pinecone_default}/{index_name}
QdrantIngestOperator            - -> qdrant://{conn_id=qdrant_default}/{collection_name}
SalesforceBulkOperator          - -> salesforce://{salesforce_conn_id=salesforce_default}/{object_name}
WeaviateDocumentIngestOperator  - -> weaviate://{conn_id=weaviate_default}/{collection_name}
WeaviateIngestOperator          - -> weaviate://{conn_id=weaviate_default}/{collection_name|class_name}
"""  # noqa: E501 - a table
