"""Files: the standard library, data frames, arrays."""

_PATH = "path|filepath_or_buffer|path_or_buf|path_or_buffer|source|io|file|filename|urlpath|where"

FRAMES = f"""
# awswrangler: a frame comes first
awswrangler: to_csv|to_parquet|to_json|to_orc(df, path, *, database, table)  - -> {{path}} & awsathena://aws_default/{{database}}.{{table}}
awswrangler: to_csv|to_parquet|to_json|to_excel|to_deltalake(df, path)  - -> {{path}}
awswrangler: upload(local_file, path)                      {{local_file}} -> {{path}}
awswrangler: download(path, local_file)                    {{path}} -> {{local_file}}

read_csv|read_table|read_fwf|read_parquet|read_json|read_excel|read_feather|read_orc|read_avro({_PATH})  {{path}} -> -
read_xml|read_pickle|read_stata|read_sas|read_spss|read_hdf|read_ndjson|read_ipc|read_delta|read_deltalake({_PATH})  {{path}} -> -
read_parquet_table|read_pandas|read_metadata|read_schema|read_json_auto|read_csv_auto({_PATH})  {{path}} -> -
scan_csv|scan_parquet|scan_ndjson|scan_ipc|scan_delta({_PATH})  {{path}} -> -
ExcelFile|ParquetFile|ParquetDataset|load_workbook|open_workbook({_PATH})  {{path}} -> -
pandas: read_html(io)                                      {{io}} -> -
pyarrow: dataset({_PATH})                                  {{path}} -> -
geopandas|pyogrio|fiona: read_file|read_dataframe({_PATH})  {{path}} -> -
to_csv|to_parquet|to_json|to_excel|to_feather|to_orc|to_pickle|to_xml|to_stata|to_hdf|to_html|to_markdown({_PATH}|excel_writer|buf)  - -> {{path}}
write_csv|write_parquet|write_json|write_ndjson|write_ipc|write_excel|write_avro|write_delta|sink_parquet|sink_csv|sink_ndjson({_PATH}|workbook|target)  - -> {{path}}
ExcelWriter|ParquetWriter({_PATH})                         - -> {{path}}
to_file({_PATH})                                           - -> {{path}}
pyarrow: write_table|write_feather(table|df, {_PATH}|dest)  - -> {{path}}
pyarrow: write_dataset(data, base_dir)                     - -> {{base_dir}}
pyarrow: write_to_dataset(table, root_path)                - -> {{root_path}}
deltalake: write_deltalake(table_or_uri)                   - -> {{table_or_uri}}
deltalake: DeltaTable(table_uri)                           {{table_uri}} -> -
"""  # noqa: E501 - a table

LOCAL = """
S3FileSystem.open(path, mode)                              mode:s3://{path} -> -
S3FileSystem.put|put_file|upload(lpath, rpath)             {lpath} -> s3://{rpath}
S3FileSystem.get|get_file|download(rpath, lpath)           s3://{rpath} -> {lpath}
S3FileSystem.cp|copy|mv|move(path1, path2)                 s3://{path1} -> s3://{path2}
S3FileSystem.ls|glob|find|walk|cat|cat_file(path)          s3://{path} -> -
GCSFileSystem.open(path, mode)                             mode:gs://{path} -> -
GCSFileSystem.put|put_file|upload(lpath, rpath)            {lpath} -> gs://{rpath}
GCSFileSystem.get|get_file|download(rpath, lpath)          gs://{rpath} -> {lpath}
GCSFileSystem.cp|copy|mv|move(path1, path2)                gs://{path1} -> gs://{path2}
GCSFileSystem.ls|glob|find|walk|cat|cat_file(path)         gs://{path} -> -
SFTPHook(ssh_conn_id|ftp_conn_id|sftp_conn_id).open|file(filename, mode)  mode:sftp://{ssh_conn_id=sftp_default}/{filename} -> -
open_sftp|SFTPClient|from_transport.open|file(filename, mode)  mode:sftp://{host}/{filename} -> -

Path|PosixPath|ObjectStoragePath|UPath(path).open(mode)    mode:{path} -> -
Path|PosixPath|ObjectStoragePath|UPath(path).write_text|write_bytes(data)  - -> {path}
Path|PosixPath|ObjectStoragePath|UPath(path).read_text|read_bytes|read_block(encoding)  {path} -> -
Path|PosixPath|ObjectStoragePath|UPath(path).rename|copy_into|move_into(target)  {path} -> {target}
Path|PosixPath|ObjectStoragePath|UPath(path).glob|rglob(pattern)  ~{path}/{pattern} -> -
ZipFile|TarFile(file).open(name)                           - -> -
ZipFile(file).write(filename)                              {filename} -> -
ZipFile|GzipFile|BZ2File|LZMAFile|TarFile(file|filename|name, mode)  mode:{file} -> -
zipfile|tarfile: extractall(path)                          - -> ~{path}
open|fdopen(file|filename|name|path|uri|urlpath, mode)     mode:{file} -> -
open_file(path, mode)                                      mode:{path} -> -
shutil: copy|copyfile|copy2|move|copytree(src, dst)        {src} -> {dst}
shutil: make_archive(base_name, format, root_dir)          ~{root_dir} -> {base_name}.{format}
shutil: unpack_archive(filename, extract_dir)              {filename} -> ~{extract_dir}
copyfile|copy2|copytree(src, dst)                          {src} -> {dst}
os: rename|replace|renames(src, dst)                       {src} -> {dst}
os: listdir|scandir|walk(path)                             ~{path} -> -
glob: glob|iglob(pathname)                                 {pathname} -> -
numpy: save|savez|savez_compressed(file)                   - -> {file}
numpy: savetxt(fname)                                      - -> {fname}
numpy: load(file)                                          {file} -> -
numpy: loadtxt|genfromtxt|fromfile(fname|file)             {fname} -> -
joblib|sklearn: dump(value, filename)                      - -> {filename}
joblib|sklearn: load(filename)                             {filename} -> -
torch: save(obj, f)                                        - -> {f}
torch: load(f)                                             {f} -> -
savefig|write_html|write_image(fname|file)                 - -> {fname}
petl: fromcsv|fromjson|fromxlsx|fromtsv|frompickle(source)  {source} -> -
petl: tocsv|tojson|toxlsx|totsv|topickle(table, source)    - -> {source}
"""  # noqa: E501 - a table
