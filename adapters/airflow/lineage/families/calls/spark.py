"""Spark: files and tables through its readers and writers."""

# what is written comes first: a chain that writes began with what it read
SPARK = """
write.options(url, dbtable).save(path)                     - -> {url}/{dbtable}
write|writeStream.options(topic).save|start()              - -> kafka://{server}/{topic}
write|writeStream.options(path).save|start()               - -> {path}
write|writeStream.parquet|csv|json|orc|text|avro|save|delta|start(path)  - -> {path}
write.jdbc(url, table)                                     - -> {url}/{table}
read.options(url, dbtable, query).load(path)               sql@{url}:{dbtable|query} & {url}/{dbtable} -> -
read|readStream.options(subscribe).load()                  kafka://{server}/{subscribe} -> -
read|readStream.options(path).load()                       {path} -> -
read|readStream.parquet|csv|json|orc|text|avro|load|delta(path|paths)  {path} -> -
read|readStream.table(tableName)                           table:{tableName} -> -
getOrCreate|SparkSession|getActiveSession|Session|create.table(tableName|name)  table:{tableName} -> -
DeltaTable.forPath|convertToDelta(sparkSession, path)      {path} -> -
DeltaTable.forName(sparkSession, tableOrViewName)          table:{tableOrViewName} -> -
read.jdbc(url, table)                                      sql@{url}:{table} & {url}/{table} -> -
"""  # noqa: E501 - a table
