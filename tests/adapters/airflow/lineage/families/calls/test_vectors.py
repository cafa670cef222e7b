"""What calls read from stores of vectors, and write to them."""

import pytest

from tests.adapters.airflow.lineage.written_calls import lineage, touched

NAMED = {
    "QdrantClient(url='{{ u }}').upsert('docs', points())": ([], ["qdrant://{u}/docs"]),
    "QdrantClient('h').upload_points(collection_name='docs', points=p())": (
        [],
        ["qdrant://h/docs"],
    ),
    "AsyncQdrantClient('h').query_points('docs', query=[1])": (["qdrant://h/docs"], []),
    "QdrantVectorStore.from_documents(d(), e(), collection_name='docs')": (
        [],
        ["qdrant://{server}/docs"],
    ),
    "PersistentClient(path='/x').get_or_create_collection('docs').add(ids=['a'])": (
        [],
        ["chroma://{server}/docs"],
    ),
    "HttpClient('h').get_collection(name='docs').query(query_texts=['a'])": (
        ["chroma://h/docs"],
        [],
    ),
    "Chroma.from_documents(d(), e())": ([], ["chroma://{server}/langchain"]),
    "Pinecone(api_key='k').Index('docs').upsert(vectors=[])": (
        [],
        ["pinecone://api.pinecone.io/docs"],
    ),
    "client.collections.get('Docs').data.insert_many([])": ([], ["weaviate://{server}/Docs"]),
    "client.batch.add_data_object({'a': 1}, 'Docs')": ([], ["weaviate://{server}/Docs"]),
    "MilvusClient('h').insert(collection_name='docs', data=[])": ([], ["milvus://h/docs"]),
    "MilvusClient('h').search('docs', data=[])": (["milvus://h/docs"], []),
    "FAISS.from_documents(d(), e()).save_local('/data/index')": ([], ["file:///data/index"]),
    "FAISS.load_local('/data/index', e())": (["file:///data/index"], []),
}
NOT_NAMED = (
    "session.add(thing())",
    "cache.upsert('docs', 1)",
    "names.add('docs')",
    "index.delete('docs')",
    "QdrantClient('h').get_collections()",
)


@pytest.mark.parametrize(("code", "expected"), NAMED.items(), ids=list(NAMED))
def test_collections_are_named(code: str, expected: tuple[list[str], list[str]]) -> None:
    assert touched(lineage(code)) == expected


@pytest.mark.parametrize("code", NOT_NAMED)
def test_what_only_looks_alike_is_left_alone(code: str) -> None:
    assert touched(lineage(code)) == ([], [])
