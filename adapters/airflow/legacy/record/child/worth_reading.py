"""Which calls of a Python function are kept: those that touch data."""

import re
from typing import Any

# Calls that read or write data, or that run SQL or a command, by their last word.
NAMES = frozenset(
    """
    read_csv read_table read_fwf read_parquet read_json read_excel read_feather read_orc read_avro
    read_xml read_pickle read_stata read_sas read_spss read_hdf read_ndjson read_ipc read_delta
    read_deltalake read_parquet_table read_pandas read_metadata read_schema read_json_auto
    read_csv_auto read_html read_file read_dataframe
    scan_csv scan_parquet scan_ndjson scan_ipc scan_delta
    ExcelFile ExcelWriter ParquetFile ParquetDataset ParquetWriter load_workbook open_workbook
    to_csv to_parquet to_json to_excel to_feather to_orc to_pickle to_xml to_stata to_hdf to_html
    to_markdown to_file to_deltalake
    write_csv write_parquet write_json write_ndjson write_ipc write_excel write_avro write_delta
    write_table write_feather write_dataset write_to_dataset write_deltalake write_html write_image
    sink_parquet sink_csv sink_ndjson savefig DeltaTable
    open fdopen open_file ZipFile GzipFile BZ2File LZMAFile TarFile extractall
    write_text write_bytes read_text read_bytes copyfile copy2 copytree make_archive unpack_archive
    listdir scandir glob iglob savetxt savez savez_compressed loadtxt genfromtxt fromfile
    fromcsv fromjson fromxlsx fromtsv frompickle tocsv tojson toxlsx totsv topickle

    read_sql read_sql_query read_sql_table read_gbq read_gbq_query read_gbq_table to_sql to_gbq
    read_database read_database_uri write_database read_postgis from_postgis to_postgis
    write_pandas insert_df fromdb todb appenddb
    execute executemany executescript exec_driver_sql execute_string execute_async execute_values
    execute_batch execute_statement execute_query start_query_execution run run_cli run_query
    get_records get_first get_pandas_df get_df get_polars_df get_pandas_df_by_chunks
    get_df_by_chunks query_df query_arrow scalars fetchval copy_expert query query_and_wait sql
    from_statement
    insert_rows bulk_insert_rows bulk_load bulk_load_custom bulk_dump load_df copy_from copy_to
    saveAsTable insertInto save_as_table writeTo createOrReplaceTempView table jdbc
    insert_all create_empty_table run_load run_extract run_copy insert_job
    load_table_from_dataframe load_table_from_uri load_table_from_file load_table_from_json
    extract_table copy_table insert_rows_json insert_rows_from_dataframe list_rows create_table
    parquet csv json orc text avro delta load save forPath forName convertToDelta

    load_file load_string load_bytes load_file_obj read_key get_key select_key get_wildcard_key
    download_file copy_object list_keys list_prefixes sync_to_local_dir upload_file upload_fileobj
    download_fileobj put_object get_object select_object_content list_objects list_objects_v2
    paginate copy_from put_item update_item delete_item batch_writer get_item write_batch_data
    upload download download_as_byte_array provide_file provide_file_and_upload copy rewrite
    list_by_timespan upload_from_filename upload_from_string upload_from_file download_as_string
    download_as_bytes download_as_text download_to_filename download_to_file list_blobs
    get_file get_blobs_list get_blobs_list_recursive upload_blob download_blob
    upload_data append_data create_file

    urlretrieve urlopen Request run_with_advanced_retry
    store_file store_directory retrieve_file retrieve_directory list_directory describe_directory
    get_tree_map get_files_by_pattern get_file_by_pattern retrbinary retrlines storbinary storlines
    putfo getfo download_if_newer upload_if_newer push_from_local
    insert_dataframe query_dataframe query_np execute_iter
    KafkaConsumer AIOKafkaConsumer streaming_bulk parallel_bulk async_bulk async_scan
    fput_object fget_object stat_object append_object
    get_all_records get_all_values values_get values_update values_append batch_update
    delete_one find_one_and_update find_one_and_replace find_one_and_delete
    estimated_document_count listdir_attr
    insert_one insert_many replace_one replace_many update_one update_many bulk_write find_one
    delete_many count_documents upsert_document insert_documents send_and_wait produce
    get_values update_values append_values open_by_key open_by_url get_as_df get_as_dataframe
    set_dataframe set_with_dataframe append_table
    storeFile storeFileFromOffset retrieveFile retrieveFileFromOffset listPath fast_to_sql
    system check_call check_output call Popen getoutput getstatusoutput run_command exec_command
    exec_ssh_client_command invoke

    upload_points upload_collection upload_records batch_update_points query_points from_documents
    from_texts add_documents add_texts similarity_search upsert_from_dataframe fetch_objects
    near_text near_vector add_data_object save_local load_local write_index read_index

    send_message send_message_batch receive_message put_record put_records put_record_batch
    get_shard_iterator batch_execute_statement upsert_item create_item replace_item patch_item
    query_items read_item read_all_items copy_blob rename_blob open_dataset open_dataarray
    open_mfdataset open_zarr open_rasterio to_netcdf to_zarr to_raster Open OpenEx Warp Translate
    VectorTranslate Rasterize BuildVRT Grid Polygonize dynamic_partition_overwrite get_paths
    """.split()  # noqa: SIM905
)
# Words that many objects know: kept where one of `_OWNERS` leads to them.
COMMON = frozenset(
    """
    get post put patch request stream send subscribe parse find aggregate distinct index create
    update search count scan filter list set setex hset lpush rpush sadd hmset hget hgetall
    lrange smembers move mv cp ls cat cat_file put_file walk rename renames replace copy_into
    move_into rglob read_block dump popen file write read compose start append batchGet
    append_row append_rows update_cells update_cell update_acell update_row update_col
    update_value insert_row batch_get batch_clear get_col get_row range acell cell upsert
    aupsert upsert_or_aupsert clear command bulk mget insert col_values row_values scalar
    fetch_all dataset
    """.split()  # noqa: SIM905
)
# Kept where they are given a table of SQLAlchemy's, or a model.
OF_MODELS = frozenset(
    """
    add add_all merge bulk_save_objects bulk_insert_mappings bulk_update_mappings get exec delete
    update join outerjoin select_from options
    """.split()  # noqa: SIM905
)
# Whether something is there: kept of tasks that only ask.
ASKING = frozenset(
    """
    exists isfile isdir getsize getmtime stat is_file is_dir head_object get_object_attributes
    check_for_key check_for_wildcard_key check_for_prefix check_for_blob check_for_path path_exists
    table_exists is_updated_after get_size get_mod_time
    """.split()  # noqa: SIM905
)
_ASKS = re.compile(r"Sensor|Branch\w*(Python|Decorated)|ShortCircuit")
# Run SQL on whatever an engine, a session or a connection is made for.
OF_SQL = frozenset(
    """
    query execute executemany exec_driver_sql scalar scalars fetchval fetch_all read_sql
    read_sql_query read_sql_table to_sql read_database write_database read_postgis to_postgis
    from_statement
    """.split()  # noqa: SIM905
)
_OWNERS = frozenset(
    """
    requests httpx aiohttp urllib3 wget feedparser shutil os glob numpy joblib sklearn torch petl
    pyarrow pysftp awswrangler gspread pygsheets pangres smbclient elasticsearch opensearchpy
    Session session AsyncClient ClientSession PoolManager
    Bucket Object Table objects client resource get_client connect get_conn get_connection
    S3FileSystem GCSFileSystem ZipFile TarFile
    open_sftp SFTPClient from_transport Connection InsecureClient KerberosClient
    MongoClient AsyncIOMotorClient Minio get_collection []
    Elasticsearch OpenSearch Redis StrictRedis values open_by_key
    KafkaProducer KafkaConsumer Producer Consumer AIOKafkaProducer AIOKafkaConsumer
    write writeStream write_api blob Blob get_blob
    """.split()  # noqa: SIM905
)
_PATHS = frozenset(("Path", "PosixPath", "ObjectStoragePath", "UPath"))
_OF_PATHS = frozenset(("rename", "rglob", "copy_into", "move_into", "read_block"))
# Of stores of vectors: words that many other objects know, and what leads to them there.
OF_VECTORS = frozenset(
    """
    add upsert update delete query get fetch search scroll retrieve recommend peek count insert
    insert_many replace create hybrid bm25 as_retriever set_payload to_pandas to_arrow merge_insert
    """.split()  # noqa: SIM905
)
_VECTORS = frozenset(
    """
    QdrantClient AsyncQdrantClient MilvusClient AsyncMilvusClient pymilvus lancedb Index collections
    get_or_create_collection create_collection get_collection data_object Chroma Qdrant
    QdrantVectorStore
    """.split()  # noqa: SIM905
)
# Of clients of clouds and of table formats: the same.
OF_CLOUDS = frozenset(
    """
    append overwrite upsert add_files scan merge update delete publish subscribe pull streaming_pull
    get_table get_partitions get_partition update_table create_partition batch_create_partition
    """.split()  # noqa: SIM905
)
_CLOUDS = frozenset(
    """
    client load_table create_table create_table_if_not_exists DeltaTable PublisherClient
    SubscriberClient
    """.split()  # noqa: SIM905
)
_LED_TO = (
    (COMMON, _OWNERS),
    (_OF_PATHS, _PATHS),
    (OF_VECTORS, _VECTORS),
    (OF_CLOUDS, _CLOUDS),
)
_CALLED_SO = ("Hook", "Producer", "Consumer")
# All that they are given is kept, not only the first argument.
MAKERS = frozenset(
    """
    Object Bucket bucket get_bucket blob get_blob Blob Table get_blob_client get_container_client
    BlobClient ContainerClient get_file_system_client get_file_client get_collection get_database []
    get file get_file bulk fget_object fput_object
    QueryJobConfig worksheet HttpHook dataset
    request stream put mv cp move put_file rename renames replace copy find aggregate list dump
    compose create update search append push filter index get_or_create_collection
    create_collection create_table open_table Chroma topic_path subscription_path
    get_directory_client load_table forPath forName DatasetReference
    """.split()  # noqa: SIM905
)


def is_worth_reading(name: str, module: Any, chain: list[dict[str, Any]]) -> bool:
    """Whether a call is kept: `chain` are the steps to its object, `module` its own origin."""
    if name in NAMES:
        return True
    first = chain[0].get("module") if chain else module
    owners = {*(step["name"] for step in chain), str(first or "").partition(".")[0]}
    if any(name in words and not leading.isdisjoint(owners) for words, leading in _LED_TO):
        return True
    return name in COMMON and any(owner.endswith(_CALLED_SO) for owner in owners)


def only_asks(task: Any) -> bool:
    """Is a task there to wait, or to decide?"""
    return any(_ASKS.search(cls.__name__) for cls in type(task).__mro__)
