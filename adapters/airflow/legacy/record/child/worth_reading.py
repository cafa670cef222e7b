"""Which calls of a Python function are kept, by their last word: those that touch data."""

# Calls that read or write data, or that run SQL or a command.
NAMES = frozenset(
    """
    read_csv read_parquet read_json read_excel read_table read_feather read_orc read_avro scan_csv
    scan_parquet to_csv to_parquet to_json to_excel to_feather write_csv write_parquet write_json
    write_table sink_parquet open read_sql read_sql_query read_sql_table read_gbq to_sql to_gbq
    read_database write_database
    execute executemany run get_records get_first get_pandas_df get_df get_polars_df copy_expert
    query sql insert_rows bulk_load bulk_dump load_table_from_dataframe load_table_from_uri
    load_table_from_file load_table_from_json extract_table copy_table insert_rows_json saveAsTable
    insertInto table load_file load_string load_bytes load_file_obj read_key get_key download_file
    copy_object upload_file upload_fileobj download_fileobj put_object get_object upload download
    download_as_byte_array copy rewrite upload_from_filename upload_from_string upload_from_file
    download_as_string download_as_bytes download_as_text download_to_filename
    parquet csv json orc load save system check_call check_output call Popen
    """.split()  # noqa: SIM905
)
