"""Operators that move files: locally, over FTP, SFTP and HTTP, and with `common.io`."""

MOVES = """
FileTransferOperator            file://{src} -> file://{dst}
FTPFileTransmitOperator[operation=get]  ftp://{ftp_conn_id=ftp_default}/{remote_filepath} -> file://{local_filepath}
FTPFileTransmitOperator         file://{local_filepath} -> ftp://{ftp_conn_id=ftp_default}/{remote_filepath}
HttpOperator[method=GET]        http://{http_conn_id=http_default}/{endpoint} -> -
HttpOperator                    - -> ~http://{http_conn_id=http_default}/{endpoint}
OSSDownloadObjectOperator       oss://{bucket_name}/{key} -> file://{file}
OSSUploadObjectOperator         file://{file} -> oss://{bucket_name}/{key}
PapermillOperator               file://{input_nb} -> file://{output_nb}
SFTPOperator[operation=delete]  - -> -
SFTPOperator[operation=get]     sftp://{ssh_conn_id|sftp_conn_id|remote_host=ssh_default}/{remote_filepath} -> file://{local_filepath}
SFTPOperator                    file://{local_filepath} -> sftp://{ssh_conn_id|sftp_conn_id|remote_host=ssh_default}/{remote_filepath}
SimpleHttpOperator[method=GET]  http://{http_conn_id=http_default}/{endpoint} -> -
SimpleHttpOperator              - -> ~http://{http_conn_id=http_default}/{endpoint}
"""  # noqa: E501 - a table
