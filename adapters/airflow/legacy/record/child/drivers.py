"""Packages that speak to a database, and which kind of database each speaks to."""

DRIVERS = {
    "psycopg2": "postgres",
    "psycopg": "postgres",
    "asyncpg": "postgres",
    "aiopg": "postgres",
    "pg8000": "postgres",
    "pymysql": "mysql",
    "aiomysql": "mysql",
    "MySQLdb": "mysql",
    "mysql": "mysql",
    "mysqlclient": "mysql",
    "sqlite3": "sqlite",
    "duckdb": "duckdb",
    "snowflake": "snowflake",
    "pymssql": "mssql",
    "pyodbc": "mssql",
    "cx_Oracle": "oracle",
    "oracledb": "oracle",
    "redshift_connector": "redshift",
    "sqlalchemy_redshift": "redshift",
    "vertica_python": "vertica",
    "teradatasql": "teradata",
    "clickhouse_driver": "clickhouse",
    "clickhouse_connect": "clickhouse",
    "clickhouse_sqlalchemy": "clickhouse",
    "trino": "trino",
    "prestodb": "presto",
    "pyhive": "hive",
    "impala": "impala",
    "databricks": "databricks",
    "google": "bigquery",
    "pandas_gbq": "bigquery",
    "pyspark": "spark",
}
# Those whose import does not say that a module's engine or session speaks to such a database.
_BESIDE = ("sqlite", "duckdb", "bigquery", "spark", "databricks")
OF_SERVERS = frozenset(name for name, kind in DRIVERS.items() if kind not in _BESIDE)
