"""Stores of vectors: Qdrant, Chroma, Pinecone, Weaviate, Milvus, LanceDB, FAISS."""

VECTORS = """
*QdrantClient.upsert|upload_points|upload_collection|upload_records|batch_update_points|set_payload|delete|add(collection_name, points|vectors|records|documents)  - -> qdrant://{server}/{collection_name}
*QdrantClient.search|query_points|scroll|retrieve|recommend|count|query(collection_name, query|query_vector)  qdrant://{server}/{collection_name} -> -
QdrantVectorStore|Qdrant.from_documents|from_texts(*, collection_name)  - -> qdrant://{server}/{collection_name}
QdrantVectorStore|Qdrant(*, collection_name).add_documents|add_texts(documents)  - -> qdrant://{server}/{collection_name}
QdrantVectorStore|Qdrant(*, collection_name).similarity_search|as_retriever(query)  qdrant://{server}/{collection_name} -> -
get_or_create_collection(name).add|upsert|update|delete(ids)  - -> chroma://{server}/{name}
get_or_create_collection(name).query|get|peek|count(query_embeddings)  chroma://{server}/{name} -> -
get_collection|create_collection(name).add|upsert(ids)      - -> chroma://{server}/{name}
get_collection(name).query(query_embeddings)                chroma://{server}/{name} -> -
Chroma.from_documents|from_texts(*, collection_name)        - -> chroma://{server}/{collection_name=langchain}
Chroma(collection_name).add_documents|add_texts(documents)  - -> chroma://{server}/{collection_name=langchain}
Chroma(collection_name).similarity_search|as_retriever(query)  chroma://{server}/{collection_name=langchain} -> -
Index(name).upsert|upsert_from_dataframe|update|delete(vectors)  - -> pinecone://api.pinecone.io/{name}
Index(name).query|fetch(id)                                 pinecone://api.pinecone.io/{name} -> -
PineconeVectorStore|Pinecone.from_documents|from_texts(*, index_name)  - -> pinecone://api.pinecone.io/{index_name}
collections.get(name).data.insert|insert_many|update|replace|delete_many(properties)  - -> weaviate://{server}/{name}
collections.get(name).query.fetch_objects|near_text|near_vector|bm25|hybrid(query)  weaviate://{server}/{name} -> -
data_object.create|replace|update(data_object, class_name)  - -> weaviate://{server}/{class_name}
batch.add_data_object(data_object, class_name)              - -> weaviate://{server}/{class_name}
*MilvusClient.insert|upsert|delete(collection_name, data)   - -> milvus://{server}/{collection_name}
*MilvusClient.search|query|get(collection_name, data)       milvus://{server}/{collection_name} -> -
pymilvus: Collection(name).insert|upsert|delete(data)       - -> milvus://{server}/{name}
pymilvus: Collection(name).search|query(data)               milvus://{server}/{name} -> -
lancedb: connect(uri).create_table(name, data)              - -> {uri}/{name}.lance
lancedb: connect(uri).open_table(name).add|merge_insert|update|delete(data)  - -> {uri}/{name}.lance
lancedb: connect(uri).open_table(name).search|to_pandas|to_arrow(query)  {uri}/{name}.lance -> -
FAISS.load_local(folder_path)                               {folder_path} -> -
FAISS.from_documents|from_texts.save_local(folder_path)     - -> {folder_path}
faiss: write_index(index, fname)                            - -> {fname}
faiss: read_index(fname)                                    {fname} -> -
"""  # noqa: E501 - a table
