"""Spark: files and tables through its readers and writers."""

SPARK = """
read|readStream.parquet|csv|json|orc|text|avro|load|delta(path|paths)  {path} -> -
write|writeStream.parquet|csv|json|orc|text|avro|save|delta|start(path)  - -> {path}
read|readStream.table(tableName)                           table:{tableName} -> -
getOrCreate|SparkSession|getActiveSession|Session|create.table(tableName|name)  table:{tableName} -> -
DeltaTable.forPath|convertToDelta(sparkSession, path)      {path} -> -
DeltaTable.forName(sparkSession, tableOrViewName)          table:{tableOrViewName} -> -
read.jdbc(url, table)                                      sql@{url}:{table} & {url}/{table} -> -
write.jdbc(url, table)                                     - -> {url}/{table}
"""  # noqa: E501 - a table
