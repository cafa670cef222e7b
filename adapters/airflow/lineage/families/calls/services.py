"""What has an address: HTTP, FTP, documents, queues; and programs that are started."""

WEB = """
requests|httpx: get(url)                                   web:{url} -> -
requests|httpx: request|stream(method, url)              web:{url} -> -
requests|httpx: post(url, *, files)                        - -> ~~web:{url}
requests|httpx: post(url, *, files).json(cls)              ~web:{url} -> -
Session|session|AsyncClient|Client|ClientSession.post(url, *, files).json(cls)  ~web:{url} -> -
requests|httpx: put|patch(url)                             - -> ~web:{url}
Session|session|AsyncClient|Client|ClientSession|PoolManager.get(url)  web:{url} -> -
Session|session|AsyncClient|Client|ClientSession.post|put|patch(url, *, files)  - -> ~~web:{url}
Session|session|AsyncClient|Client|ClientSession|PoolManager.request|stream(method, url)  web:{url} -> -
urlretrieve(url, filename)                                 web:{url} -> {filename}
urlopen|Request(url)                                       web:{url} -> -
wget: download(url, out)                                   web:{url} -> {out?}
HttpHook|HttpAsyncHook(method, http_conn_id).run|run_with_advanced_retry(endpoint)  http://{http_conn_id=http_default}/{endpoint?} -> -
feedparser: parse(url)                                     web:{url} -> -
"""  # noqa: E501 - a table

FTP = """
SFTPHook(ssh_conn_id|ftp_conn_id|sftp_conn_id).store_file|store_directory(remote_full_path, local_full_path)  {local_full_path} -> sftp://{ssh_conn_id=sftp_default}/{remote_full_path}
SFTPHook(ssh_conn_id|ftp_conn_id|sftp_conn_id).retrieve_file|retrieve_directory(remote_full_path, local_full_path)  sftp://{ssh_conn_id=sftp_default}/{remote_full_path} -> {local_full_path}
SFTPHook(ssh_conn_id|ftp_conn_id|sftp_conn_id).list_directory|describe_directory|get_tree_map|get_files_by_pattern|get_file_by_pattern(path)  sftp://{ssh_conn_id=sftp_default}/{path} -> -
SFTPHook(ssh_conn_id|ftp_conn_id|sftp_conn_id).put(localpath, remotepath)  {localpath} -> sftp://{ssh_conn_id=sftp_default}/{remotepath}
SFTPHook(ssh_conn_id|ftp_conn_id|sftp_conn_id).get(remotepath, localpath)  sftp://{ssh_conn_id=sftp_default}/{remotepath} -> {localpath}
SFTPHook(ssh_conn_id|ftp_conn_id|sftp_conn_id).putfo(fl, remotepath)  - -> sftp://{ssh_conn_id=sftp_default}/{remotepath}
SFTPHook(ssh_conn_id|ftp_conn_id|sftp_conn_id).getfo(remotepath)  sftp://{ssh_conn_id=sftp_default}/{remotepath} -> -
SSHHook(ssh_conn_id).put(localpath, remotepath)            {localpath} -> sftp://{ssh_conn_id=ssh_default}/{remotepath}
SSHHook(ssh_conn_id).get(remotepath, localpath)            sftp://{ssh_conn_id=ssh_default}/{remotepath} -> {localpath}
FTP*Hook(ftp_conn_id).store_file(remote_full_path, local_full_path_or_buffer)  {local_full_path_or_buffer} -> ftp://{ftp_conn_id=ftp_default}/{remote_full_path}
FTP*Hook(ftp_conn_id).retrieve_file(remote_full_path, local_full_path_or_buffer)  ftp://{ftp_conn_id=ftp_default}/{remote_full_path} -> {local_full_path_or_buffer}
FTP*Hook(ftp_conn_id).list_directory|describe_directory(path)  ftp://{ftp_conn_id=ftp_default}/{path} -> -
FTPHost(host).open(path, mode)                             mode:ftp://{host}/{path} -> -
FTPHost(host).download|download_if_newer(source, target)   ftp://{host}/{source} -> {target}
FTPHost(host).upload|upload_if_newer(source, target)       {source} -> ftp://{host}/{target}
FTPHost(host).listdir(path)                                ~ftp://{host}/{path} -> -
SambaHook(samba_conn_id).push_from_local(destination_filepath, local_filepath)  {local_filepath} -> smb://{samba_conn_id=samba_default}/{destination_filepath}
SambaHook(samba_conn_id).open_file(path, mode)             mode:smb://{samba_conn_id=samba_default}/{path} -> -
SMBConnection(*, remote_name).storeFile|storeFileFromOffset(service_name, path)  - -> smb://{server}/{service_name}/{path}
SMBConnection(*, remote_name).retrieveFile|retrieveFileFromOffset(service_name, path)  smb://{server}/{service_name}/{path} -> -
SMBConnection(*, remote_name).listPath(service_name, path)  ~smb://{server}/{service_name}/{path} -> -
smbclient: open_file(path, mode)                           mode:{path} -> -
smbclient: listdir|scandir|walk(path)                      ~{path} -> -
FTP|FTP_TLS(host).cwd(folder).retrbinary|retrlines(cmd)     ftp://{host}/{folder}/{cmd} -> -
FTP|FTP_TLS(host).cwd(folder).storbinary|storlines(cmd)    - -> ftp://{host}/{folder}/{cmd}
FTP|FTP_TLS(host).retrbinary|retrlines(cmd)                ftp://{host}/{cmd} -> -
FTP|FTP_TLS(host).storbinary|storlines(cmd)                - -> ftp://{host}/{cmd}
FTP*Hook(ftp_conn_id).retrbinary|retrlines(cmd)            ftp://{ftp_conn_id=ftp_default}/{cmd} -> -
FTP*Hook(ftp_conn_id).storbinary|storlines(cmd)            - -> ftp://{ftp_conn_id=ftp_default}/{cmd}
retrbinary|retrlines(cmd)                                  ftp://{host}/{cmd} -> -
storbinary|storlines(cmd)                                  - -> ftp://{host}/{cmd}
SwiftHook.download(container, object_id, output_path)      swift://{container}/{object_id} -> {output_path}
SwiftHook.upload(container, object_id, path)               {path} -> swift://{container}/{object_id}
pysftp: Connection(host).cwd|chdir|cd(folder).put(localpath, remotepath)  {localpath} -> sftp://{host}/{folder}/{remotepath}
pysftp: Connection(host).cwd|chdir|cd(folder).get(remotepath, localpath)  sftp://{host}/{folder}/{remotepath} -> {localpath?}
pysftp: Connection(host).put(localpath, remotepath)        {localpath} -> sftp://{host}/{remotepath}
pysftp: Connection(host).get(remotepath, localpath)        sftp://{host}/{remotepath} -> {localpath}
open_sftp|SFTPClient|from_transport.chdir(folder).put(localpath, remotepath)  {localpath} -> sftp://{host}/{folder}/{remotepath}
open_sftp|SFTPClient|from_transport.chdir(folder).get(remotepath, localpath)  sftp://{host}/{folder}/{remotepath} -> {localpath}
open_sftp|SFTPClient|from_transport.listdir|listdir_attr(path)  ~sftp://{host}/{path} -> -
open_sftp|SFTPClient|from_transport.put(localpath, remotepath)  {localpath} -> sftp://{host}/{remotepath}
open_sftp|SFTPClient|from_transport.get(remotepath, localpath)  sftp://{host}/{remotepath} -> {localpath}
open_sftp|SFTPClient|from_transport.putfo(fl, remotepath)  - -> sftp://{host}/{remotepath}
open_sftp|SFTPClient|from_transport.getfo(remotepath)      sftp://{host}/{remotepath} -> -
"""  # noqa: E501 - a table

DOCUMENTS = """
*MongoClient|*MotorClient|MongoHook.<database>.<collection>.find|find_one|aggregate|count_documents|distinct|estimated_document_count(pipeline)  mongodb://{server}/{database}.{collection} & stages:mongodb://{server}/{database}.{pipeline} -> stages:mongodb://{server}/{database}.{pipeline}
*MongoClient|*MotorClient|MongoHook.<database>.<collection>.insert_one|insert_many|replace_one|update_one|update_many|bulk_write|delete_one|delete_many|find_one_and_update|find_one_and_replace|find_one_and_delete(document)  - -> mongodb://{server}/{database}.{collection}
MongoHook(mongo_conn_id|conn_id).find|aggregate(mongo_collection, query, mongo_db)  mongodb://{mongo_conn_id=mongo_default}/{mongo_db?}.{mongo_collection} -> -
MongoHook(mongo_conn_id|conn_id).insert_one|insert_many|replace_one|replace_many|update_one|update_many(mongo_collection, docs, mongo_db)  - -> mongodb://{mongo_conn_id=mongo_default}/{mongo_db?}.{mongo_collection}
MongoHook(mongo_conn_id|conn_id).get_collection(mongo_collection, mongo_db).find|find_one|aggregate(filter)  mongodb://{mongo_conn_id=mongo_default}/{mongo_db?}.{mongo_collection} -> -
MongoHook(mongo_conn_id|conn_id).get_collection(mongo_collection, mongo_db).insert_one|insert_many|replace_one|update_one|update_many|bulk_write(document)  - -> mongodb://{mongo_conn_id=mongo_default}/{mongo_db?}.{mongo_collection}
get_database(database).get_collection(collection).find|find_one|aggregate|count_documents|distinct|estimated_document_count(pipeline)  mongodb://{server}/{database}.{collection} & stages:mongodb://{server}/{database}.{pipeline} -> stages:mongodb://{server}/{database}.{pipeline}
get_database(database).get_collection(collection).insert_one|insert_many|replace_one|update_one|update_many|bulk_write|delete_one|delete_many|find_one_and_update|find_one_and_replace|find_one_and_delete(document)  - -> mongodb://{server}/{database}.{collection}
[](database).[](collection).find|find_one|aggregate|count_documents|distinct|estimated_document_count(pipeline)  mongodb://{server}/{database}.{collection} & stages:mongodb://{server}/{database}.{pipeline} -> stages:mongodb://{server}/{database}.{pipeline}
[](database).[](collection).insert_one|insert_many|replace_one|update_one|update_many|bulk_write|delete_one|delete_many|find_one_and_update|find_one_and_replace|find_one_and_delete(document)  - -> mongodb://{server}/{database}.{collection}
*MongoClient|*MotorClient.get_database|get_default_database.<collection>.find|find_one|aggregate|count_documents|distinct|estimated_document_count(pipeline)  mongodb://{server}/{collection} & stages:mongodb://{server}/{pipeline} -> stages:mongodb://{server}/{pipeline}
*MongoClient|*MotorClient.get_database|get_default_database.<collection>.insert_one|insert_many|replace_one|update_one|update_many|bulk_write|delete_one|delete_many|find_one_and_update|find_one_and_replace|find_one_and_delete(document)  - -> mongodb://{server}/{collection}
[](collection).find_one|aggregate|count_documents|estimated_document_count(pipeline)  mongodb://{server}/{collection} & stages:mongodb://{server}/{pipeline} -> stages:mongodb://{server}/{pipeline}
[](collection).insert_one|insert_many|replace_one|update_one|update_many|bulk_write|delete_one|delete_many|find_one_and_update|find_one_and_replace|find_one_and_delete(document)                           - -> mongodb://{server}/{collection}
elasticsearch|opensearchpy: bulk|streaming_bulk|parallel_bulk|async_bulk(client, actions, *, index)  - -> elasticsearch://{server}/{actions._index|index}
elasticsearch|opensearchpy: scan|async_scan(client, query, *, index)  elasticsearch://{server}/{index} -> -
*Elastic*|*OpenSearch*.bulk(*, index, operations, body)    - -> elasticsearch://{server}/{index}
*Elastic*|*OpenSearch*.index|create|update(index)          - -> elasticsearch://{server}/{index}
*Elastic*|*OpenSearch*.search|get|count|scan|mget(index)   elasticsearch://{server}/{index} -> -
*CosmosDBHook(azure_cosmos_conn_id).upsert_document|insert_documents(document, database_name, collection_name)  - -> azurecosmos://{azure_cosmos_conn_id=azure_cosmos_default}/{database_name}.{collection_name}
InfluxDBHook(influxdb_conn_id).write(bucket_name)          - -> influxdb://{influxdb_conn_id=influxdb_default}/{bucket_name}
write_api.write(bucket, org, record)                       - -> influxdb://{server}/{bucket}
KafkaProducer|*Producer*.send|produce|send_and_wait(topic)  - -> kafka://{server}/{topic}
KafkaConsumer|AIOKafkaConsumer(a, b, c)                                    kafka://{server}/{a} & kafka://{server}/{b} & kafka://{server}/{c} -> -
*Consumer*.subscribe(topics)                               kafka://{server}/{topics} -> -
*Redis*.set|setex|hset|lpush|rpush|sadd|hmset(name)        - -> ~redis://{server}/{name}
*Redis*.get|hget|hgetall|lrange|smembers(name)             ~redis://{server}/{name} -> -
"""  # noqa: E501 - a table

PROGRAMS = """
subprocess: run|call|check_call|check_output|Popen|getoutput|getstatusoutput(args|popenargs|cmd)  command:{args} -> -
os: system|popen(command)                                  command:{command} -> -
system|check_call|check_output|call|Popen(args|command|popenargs)  command:{args} -> -
run(args|command)                                          command:{args} -> -
run_command|exec_command|exec_ssh_client_command(command)  command:{command} -> -
dbtRunner.invoke(args)                                     command:dbt {args} -> -
"""  # noqa: E501 - a table
