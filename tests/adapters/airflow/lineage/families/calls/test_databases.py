"""Tables that calls name, and the server that their object is connected to."""

import pytest

from tests.adapters.airflow.lineage.written_calls import lineage, touched

INSERT = "insert into m.t select * from a"
NAMED = {
    f"PostgresHook('dwh').run('{INSERT}')": (["postgres://dwh/a"], ["postgres://dwh/m.t"]),
    "MySqlHook(mysql_conn_id='shop').get_conn().cursor().execute('delete from t')": (
        [],
        ["mysql://shop/t"],
    ),
    "MsSqlHook().get_pandas_df('select * from t')": (["mssql://mssql_default/t"], []),
    "BaseHook.get_hook('dwh').get_records('select 1 from t')": (["snowflake://dwh/t"], []),
    "HiveCliHook('h').run_cli('insert into t select * from s')": (["hive://h/s"], ["hive://h/t"]),
    "pd.read_sql('select * from t', create_engine('postgresql+psycopg2://h:5432/db'))": (
        ["postgres://h:5432/db.public.t"],
        [],
    ),
    "pd.read_sql('t', create_engine('sqlite:////data/x.db'))": (["sqlite://data/x.db/t"], []),
    "pd.read_sql('select * from t', con=psycopg2.connect(host='h'))": (["postgres://h/t"], []),
    "psycopg2.connect('host=h dbname=d').cursor().execute('delete from t')": (
        [],
        ["postgres://h/d.public.t"],
    ),
    "psycopg2.connect(host='h', port=5432, database='d').cursor().execute('delete from m.t')": (
        [],
        ["postgres://h:5432/d.m.t"],
    ),
    "psycopg2.connect(host='{{ PG }}', port=1, dbname='{{ DB }}').execute('delete from t')": (
        [],
        ["postgres://{PG}/t"],
    ),
    "psycopg2.connect(host='h', dbname='d', options='-c search_path=m').execute('delete from t')": (
        [],
        ["postgres://h/d.m.t"],
    ),
    "psycopg2.connect(host='h', dbname='d').execute('delete from e.m.t')": (
        [],
        ["postgres://h/e.m.t"],
    ),
    "pangres.upsert(create_engine('postgresql://h/d'), frame(), 't', 'update', schema='m')": (
        [],
        ["postgres://h/d.m.t"],
    ),
    "pangres.upsert(engine=create_engine('postgresql://h/d'), df=frame(), table_name='t')": (
        [],
        ["postgres://h/d.public.t"],
    ),
    "upsert(PostgresHook('dwh').get_conn(), frame(), 't')": ([], []),  # of whatever library
    "connectorx.read_sql('postgresql://h/d', 'select * from m.t')": (["postgres://h/d.m.t"], []),
    "fast_to_sql.fast_to_sql(frame(), 'm.t', pyodbc.connect('Server=h;Database=d'))": (
        [],
        ["mssql://h/d.m.t"],
    ),
    "pymysql.connect('h', database='shop').cursor().execute('delete from t')": (
        [],
        ["mysql://h/shop.t"],
    ),
    "pymysql.Connect(host=host(), db='shop').cursor().execute('delete from t')": (
        [],
        ["mysql://{server}/shop.t"],
    ),
    "pymysql.connect(host='h', db='shop').cursor().execute('delete from other.t')": (
        [],
        ["mysql://h/other.t"],
    ),
    "create_engine(URL.create('postgresql+psycopg2', host='h', port=1, database='d'))"
    ".execute('delete from t')": ([], ["postgres://h:1/d.public.t"]),
    "create_engine(URL(drivername='mysql', host='h', database='d')).execute('delete from t')": (
        [],
        ["mysql://h/d.t"],
    ),
    "create_engine('postgresql://h/d?options=-csearch_path%3Dm').execute('delete from t')": (
        [],
        ["postgres://h/d.m.t"],
    ),
    "create_engine('snowflake://user@account/d/m?warehouse=w').execute('delete from t')": (
        [],
        ["snowflake://account/d.m.t"],
    ),
    "create_engine('oracle://h:1521/service').execute('delete from t')": (
        [],
        ["oracle://h:1521/t"],
    ),
    "frame().to_sql('t', create_engine('mssql+pyodbc://h/d?driver=x'), schema='m')": (
        [],
        ["mssql://h/d.m.t"],
    ),
    "spark().read.jdbc('jdbc:sqlserver://h:1433;databaseName=d', 'm.t')": (
        ["mssql://h:1433/d.m.t"],
        [],
    ),
    "psycopg2.connect(host=BaseHook.get_connection('dwh').host).execute('delete from t')": (
        [],
        ["postgres://dwh/t"],
    ),
    "sqlite3.connect('/data/x.db').execute('delete from t')": ([], ["sqlite://data/x.db/t"]),
    "pyodbc.connect('Driver=x;Server=h;Database=d').execute('delete from t')": (
        [],
        ["mssql://h/d.dbo.t"],
    ),
    "execute_values(PostgresHook('dwh').get_conn().cursor(), 'insert into t values %s', [])": (
        [],
        ["postgres://dwh/t"],
    ),
    "SQLExecuteQueryOperator(task_id='x', conn_id='dwh', sql='delete from t').execute(c())": (
        [],
        ["snowflake://dwh/t"],
    ),
    "PostgresHook('dwh', engine=SSHHook('tunnel').get_tunnel()).run('delete from t')": (
        [],
        ["postgres://dwh/t"],
    ),
    "write_pandas(SnowflakeHook('s').get_conn(), frame(), 't', schema='m')": (
        [],
        ["snowflake://s/m.t"],
    ),
    "frame().to_sql('t', PostgresHook('dwh').get_sqlalchemy_engine(), schema='m')": (
        [],
        ["postgres://dwh/m.t"],
    ),
    "PostgresHook('a').get_pandas_df('x').to_sql('t', PostgresHook('b').get_sqlalchemy_engine())": (
        [],
        ["postgres://b/t"],
    ),
    "PostgresHook('a').insert_rows('t', rows=PostgresHook('b').get_conn().cursor())": (
        [],
        ["postgres://a/t"],
    ),
    "pl.read_database_uri('select * from t', 'mysql://user@h:3306/shop')": (
        ["mysql://h:3306/shop.t"],
        [],
    ),
    "pl.read_database('select * from t', connection())": (["sql://{server}/t"], []),
    "clickhouse_connect.get_client(host='h').insert('m.t', [])": ([], ["clickhouse://h/m.t"]),
    "clickhouse_connect.get_client(host='h').query_df('select * from m.t')": (
        ["clickhouse://h/m.t"],
        [],
    ),
    "clickhouse_connect.get_client(host='h').command('INSERT INTO m.t VALUES')": (
        [],
        ["clickhouse://h/m.t"],
    ),
    "frame().to_sql('t', create_engine('{{ DATABASE_URL }}'), schema='m')": (
        [],
        ["sql://{DATABASE_URL}/m.t"],
    ),
    "sessionmaker(bind=create_engine('postgresql://h/x')).execute('delete from m.t')": (
        [],
        ["postgres://h/x.m.t"],
    ),
    "Client(host='h').execute('delete from m.t')": ([], ["sql://{server}/m.t"]),
    "bigquery.Client().load_table_from_json([], client().get_table('p.d.t'))": (
        [],
        ["bigquery://default/p.d.t"],
    ),
    "client().load_table_from_json([], c().dataset(project='p', dataset_id='d').table('t'))": (
        [],
        ["bigquery://default/p.d.t"],
    ),
    "client().load_table_from_json([], c().dataset('d', project='<P>').table('t'))": (
        [],
        ["bigquery://default/d.t"],
    ),
    "bigquery.Client('p').load_table_from_json([], bigquery.Client('p').dataset('d').table('t'))": (
        [],
        ["bigquery://default/p.d.t"],
    ),
    "c().load_table_from_json([], bigquery.Client(project='p').dataset('d').table('t'))": (
        [],
        ["bigquery://default/p.d.t"],
    ),
    "c().load_table_from_json([], bigquery.Client().dataset('d').table('t'))": (
        [],
        ["bigquery://default/d.t"],
    ),
    "c().load_table_from_json([], bigquery.DatasetReference('p', 'd').table('t'))": (
        [],
        ["bigquery://default/p.d.t"],
    ),
    "pandas_gbq.read_gbq('select * from d.t')": (["bigquery://default/d.t"], []),
    "spark().read.format('jdbc').options(url='jdbc:postgresql://h:1/x', dbtable='m.t').load()": (
        ["postgres://h:1/x.m.t"],
        [],
    ),
    "frame().write.options(url='jdbc:postgresql://h:1/x', dbtable='m.t').save()": (
        [],
        ["postgres://h:1/x.m.t"],
    ),
    "spark().readStream.format('kafka').options(subscribe='events').load()": (
        ["kafka://{server}/events"],
        [],
    ),
    "frame().writeStream.options(topic='events').start()": ([], ["kafka://{server}/events"]),
    "frame().writeStream.format('parquet').options(path='s3://b/y').start()": ([], ["s3://b/y"]),
    "spark().read.parquet('s3://b/x').write.parquet('s3://b/y')": ([], ["s3://b/y"]),
    "PostgresHook('dwh').insert_rows('m.t', [])": ([], ["postgres://dwh/m.t"]),
    "PostgresHook('dwh').bulk_dump('m.t', '/data/x')": (["postgres://dwh/m.t"], ["file:///data/x"]),
    "PostgresHook('dwh').get_conn().cursor().copy_from(file(), 't')": ([], ["postgres://dwh/t"]),
    "PostgresHook('dwh').copy_expert('copy m.t from stdin', '/data/x')": (
        [],
        ["postgres://dwh/m.t"],
    ),
    "bigquery.Client().query('insert into `p.d.t` select * from `p.d.s`')": (
        ["bigquery://default/p.d.s"],
        ["bigquery://default/p.d.t"],
    ),
    "bigquery.Client().query('select * from `p.d.s`', QueryJobConfig(destination='p.d.t'))": (
        ["bigquery://default/p.d.s"],
        ["bigquery://default/p.d.t"],
    ),
    "bigquery.Client().load_table_from_uri(['gs://b/x'], 'p.d.t')": (
        ["gs://b/x"],
        ["bigquery://default/p.d.t"],
    ),
    "bigquery.Client().load_table_from_dataframe(frame(), bigquery.Table('p.d.t'))": (
        [],
        ["bigquery://default/p.d.t"],
    ),
    "bigquery.Client().create_table(Table(Client().dataset('d').table('t'), schema=1))": (
        [],
        ["bigquery://default/d.t"],
    ),
    "bigquery.Client().extract_table('p.d.t', 'gs://b/x')": (
        ["bigquery://default/p.d.t"],
        ["gs://b/x"],
    ),
    "bigquery.Client().copy_table('p.d.s', 'p:d.t$20240101')": (
        ["bigquery://default/p.d.s"],
        ["bigquery://default/p.d.t"],
    ),
    "BigQueryHook().insert_all('p', 'd', 't', [])": ([], ["bigquery://default/p.d.t"]),
    "frame().to_gbq('d.t')": ([], ["bigquery://default/d.t"]),
    "pandas_gbq.to_gbq(frame(), 'd.t')": ([], ["bigquery://default/d.t"]),
    "athena.read_sql_query('select * from t', database='d')": (["awsathena://aws_default/d.t"], []),
    "boto3.client('athena').start_query_execution(QueryString='select * from d.t')": (
        ["awsathena://aws_default/d.t"],
        [],
    ),
    "boto3.client('redshift-data').execute_statement(ClusterIdentifier='c', Sql='delete from t')": (
        [],
        ["redshift://c/t"],
    ),
    "SparkSession.builder.getOrCreate().table('d.t')": (["spark://default/d.t"], []),
    "frame().write.mode('append').saveAsTable('d.t')": ([], ["sql://{server}/d.t"]),
}


@pytest.mark.parametrize("text", NAMED)
def test_tables_that_a_call_names_are_found(text: str) -> None:
    assert touched(lineage(text, schemes={"dwh": "snowflake"})) == NAMED[text]


@pytest.mark.parametrize(
    "text",
    [
        "PostgresHook('dwh').get_uri()",
        "loop().run('a b c')",
        "frame().to_sql('not a table', PostgresHook('dwh').get_conn())",
        "bigquery.Client().get_table('p.d.t')",
        "frame().to_gbq('t')",
        "frame().table('x')",
    ],
)
def test_calls_that_name_no_table_are_left_alone(text: str) -> None:
    assert lineage(text).datasets == ()
