"""Scripts of tasks, and the datasets that their programs are known to touch."""

import pytest

from adapters.airflow.legacy.snapshot import Dag, Schedule, Task, TemplateFile
from adapters.airflow.lineage.context import LineageContext
from adapters.airflow.lineage.reading import read_task


def lineage(script: str, operator: str = "BashOperator", templates=None, **arguments):
    name = "command" if operator == "SSHOperator" else "bash_command"
    task = Task(task_id="t", operator=f"x.{operator}", arguments={name: script, **arguments})
    dag = Dag(
        dag_id="d",
        file="d.py",
        schedule=Schedule(kind="none"),
        tasks=(task,),
        templates=templates or {},
    )
    return read_task(task, LineageContext(dag=dag))


def touched(found):
    return [ref.uri for ref in found.reads], [ref.uri for ref in found.writes]


SHOWN = {
    "aws": (
        "aws s3 cp s3://a/x.csv s3://b/{{ ds }}/ --recursive --profile etl",
        (["s3://a/x.csv"], ["s3://b/{ds}"]),
    ),
    "aws_to_the_worker": ("aws --region eu-west-1 s3 sync s3://a/x .", (["s3://a/x"], [])),
    "gsutil": (
        "gsutil -m cp -r gs://a/x gs://a/y gs://b",
        (["gs://a/x", "gs://a/y"], ["gs://b/"]),
    ),
    "gcloud": ("gcloud storage cp gs://a/x /data/x", (["gs://a/x"], ["file:///data/x"])),
    "hdfs": (
        "hdfs dfs -put -f /data/x hdfs://nn/x",
        (["file:///data/x"], ["hdfs://nn/x"]),
    ),
    "distcp": ("hadoop distcp -m 20 hdfs://a/x hdfs://b/x", (["hdfs://a/x"], ["hdfs://b/x"])),
    "curl": (
        "curl -sS -o /data/x.json https://api.example/x",
        (["https://api.example/x"], ["file:///data/x.json"]),
    ),
    "s3api_put": (
        "aws s3api put-object --bucket b --key k/x.csv --body /data/x.csv",
        (["file:///data/x.csv"], ["s3://b/k/x.csv"]),
    ),
    "s3api_get": (
        "aws s3api get-object --bucket b --key k/x.csv /data/x.csv",
        (["s3://b/k/x.csv"], ["file:///data/x.csv"]),
    ),
    "gsutil_cat": ("gsutil cat gs://a/x > /data/x", (["gs://a/x"], ["file:///data/x"])),
    "cloud_sql": (
        "gcloud sql import csv main gs://b/x.csv --database=shop --table=t --quiet",
        (["gs://b/x.csv"], ["cloudsql://main/shop.t"]),
    ),
    "hdfs_put": (
        "hdfs dfs -put /data/x /user/x",
        (["file:///data/x"], ["hdfs://default/user/x"]),
    ),
    "hdfs_get": (
        "hadoop fs -get /user/x /data/x",
        (["hdfs://default/user/x"], ["file:///data/x"]),
    ),
    "hdfs_cp": (
        "hdfs dfs -cp /user/x /user/y",
        (["hdfs://default/user/x"], ["hdfs://default/user/y"]),
    ),
    "azure_upload": (
        "az storage blob upload -c c --account-name me -f /data/x --name a/x",
        (["file:///data/x"], ["wasbs://c@me.blob.core.windows.net/a/x"]),
    ),
    "rclone_remote": ("rclone copy s3prod:b/x /data/x", (["s3://b/x"], ["file:///data/x"])),
    "sftp": (
        "sftp me@host <<EOF\nput /data/x /in/x\nget /out/y /data/y\nEOF\n",
        (["file:///data/x", "sftp://host/out/y"], ["file:///data/y", "sftp://host/in/x"]),
    ),
    "curl_upload": (
        "curl -T /data/x ftp://host/in/",
        (["file:///data/x"], ["ftp://host/in/x"]),
    ),
    "wget_folder": (
        "wget -P /data https://host/x.csv",
        (["https://host/x.csv"], ["file:///data/x.csv"]),
    ),
    "curl_posts_and_keeps": (
        "curl -X POST -d '{}' https://host/q > /data/x",
        (["https://host/q"], ["file:///data/x"]),
    ),
    "bcp_out": (
        "bcp shop.dbo.t out /data/x.csv -S srv -T",
        (["mssql://srv/shop.dbo.t"], ["file:///data/x.csv"]),
    ),
    "bcp_in": (
        "bcp dbo.t in /data/x.csv -S srv -d shop",
        (["file:///data/x.csv"], ["mssql://srv/shop.dbo.t"]),
    ),
    "bcp_query": (
        "bcp 'select * from shop.dbo.a' queryout /data/x.csv -S srv",
        (["mssql://srv/shop.dbo.a"], ["file:///data/x.csv"]),
    ),
    "sqlplus": (
        "sqlplus -s u/p@shop <<EOF\ninsert into m.t select * from m.a;\nEOF\n",
        (["oracle://shop/m.a"], ["oracle://shop/m.t"]),
    ),
    "clickhouse_fed": (
        "clickhouse-client --host h --query 'insert into d.t format CSV' < /data/x.csv",
        (["file:///data/x.csv"], ["clickhouse://h/d.t"]),
    ),
    "mongodump": (
        "mongodump --uri mongodb://h/shop -c orders --out /data/d",
        (["mongodb://h/shop.orders"], ["file:///data/d"]),
    ),
    "kafka": (
        "kafka-console-consumer --bootstrap-server h:9092 --topic a > /data/a.json",
        (["kafka://h:9092/a"], ["file:///data/a.json"]),
    ),
    "duckdb_in_memory": (
        "duckdb -c \"copy (select * from 's3://b/x.parquet') to 's3://b/y.parquet'\"",
        (["s3://b/x.parquet"], ["s3://b/y.parquet"]),
    ),
    "sqoop_query": (
        "sqoop import --connect jdbc:mysql://h/shop --query 'select * from a where $CONDITIONS'"
        " --hive-table d.t",
        (["mysql://h/shop.a"], ["hive://default/d.t"]),
    ),
    "filter_of_a_file": (
        "jq . /data/x.json > /data/y.json",
        (["file:///data/x.json"], ["file:///data/y.json"]),
    ),
    "in_a_container": (
        "docker exec -i -e A=b pg psql -d shop -c 'insert into m.t select * from m.a'",
        (["postgres://shop/m.a"], ["postgres://shop/m.t"]),
    ),
    "in_a_pod": (
        "kubectl exec -n x pod -- psql -d shop -c 'delete from m.t'",
        ([], ["postgres://shop/m.t"]),
    ),
    "on_another_machine": (
        "ssh -p 22 me@host 'aws s3 cp /data/x s3://b/x' > /data/log.txt",
        ([], ["file:///data/log.txt", "s3://b/x"]),
    ),
    "loop": (
        "for t in a b; do aws s3 cp s3://x/$t.csv s3://y/$t.csv; done; aws s3 cp s3://x/c s3://y/c",
        (
            ["s3://x/a.csv", "s3://x/b.csv", "s3://x/c"],
            ["s3://y/a.csv", "s3://y/b.csv", "s3://y/c"],
        ),
    ),
    "address_in_a_variable": (
        "psql $DWH_URL -c 'insert into m.t select * from m.a'",
        (["postgres://{DWH_URL}/m.a"], ["postgres://{DWH_URL}/m.t"]),
    ),
    "entered_folder": (
        "cd /data && cd in && curl -o x.json https://h/x && gsutil cp x.json gs://b/x.json",
        (["https://h/x"], ["gs://b/x.json"]),
    ),
    "file_of_an_entered_folder": (
        "cd /data/{{ ds }} && cat a.csv > b.csv",
        (["file:///data/{ds}/a.csv"], ["file:///data/{ds}/b.csv"]),
    ),
    "to_where_the_shell_stands": (
        "cd /data/in && aws s3 cp s3://a/x.csv . && aws s3 sync s3://a/y/ ./",
        (["s3://a/x.csv", "s3://a/y"], ["file:///data/in", "file:///data/in/x.csv"]),
    ),
    "from_where_the_shell_stands": (
        "cd /data/out; aws s3 sync ./ s3://b/out/",
        (["file:///data/out"], ["s3://b/out"]),
    ),
    "made_and_only_shown": (
        "psql -h db -d shop -c 'select * from m.a' -o /out/a.csv; wc -l /out/a.csv; cat /out/a.csv",
        (["postgres://db/shop.m.a"], ["file:///out/a.csv"]),
    ),
    "made_and_handed_on": (
        "psql -h db -d shop -c 'select * from m.a' -o /out/a.csv; cat /out/a.csv | gsutil cp - gs://b/a",
        (["postgres://db/shop.m.a"], ["gs://b/a"]),
    ),
    "each_item_of_an_array": (
        't=(\n m.a # first\n m.b\n)\nfor x in ${t[@]}; do psql -d shop -c "select * from $x"; done',
        (["postgres://shop/m.a", "postgres://shop/m.b"], []),
    ),
    "options_in_a_variable": (
        "o='-h db shop -t'; q='select * from m.a'; psql $o -c \"$q\"",
        (["postgres://db/shop.m.a"], []),
    ),
    "folder_of_the_environment": (
        "cp $DATA_HOME/x.csv {{ var.value.data_path }}/y.csv",
        (["file:///{DATA_HOME}/x.csv"], ["file:///{var.value.data_path}/y.csv"]),
    ),
    "piped_to_a_bucket": (
        "curl https://h/x | gsutil cp - gs://b/x",
        (["https://h/x"], ["gs://b/x"]),
    ),
    "bq_load": (
        "bq --location=EU load --autodetect --source_format CSV raw.orders gs://a/x.csv",
        (["gs://a/x.csv"], ["bigquery://default/raw.orders"]),
    ),
    "bq_extract": (
        "bq extract --destination_format AVRO p:raw.orders gs://a/*.avro",
        (["bigquery://default/p.raw.orders"], ["gs://a/*.avro"]),
    ),
    "bq_query": (
        "bq query --use_legacy_sql=false --destination_table p:m.t 'select * from `p.d.a`'",
        (["bigquery://default/p.d.a"], ["bigquery://default/p.m.t"]),
    ),
    "psql": (
        "PGPASSWORD=$P psql -h db -d shop -c 'insert into m.t select * from a'",
        (["postgres://db/shop.public.a"], ["postgres://db/shop.m.t"]),
    ),
    "psql_asks_the_environment": (
        "export PGHOST=dwh PGDATABASE=shop; psql --csv -c 'select * from m.a' -o /out/a.csv",
        (["postgres://dwh/shop.m.a"], ["file:///out/a.csv"]),
    ),
    "psql_named_last": (
        "psql -h dwh -p 5433 shop --quiet <<EOF\ndelete from m.t;\nEOF",
        ([], ["postgres://dwh:5433/shop.m.t"]),
    ),
    "psql_on_a_server_that_a_variable_names": (
        "psql -h $DB_HOST -d shop -c 'delete from t'",
        ([], ["postgres://shop/t"]),
    ),
    "mysql_server": (
        "mysql -h db -u me -psecret shop -e 'delete from t'",
        ([], ["mysql://db/shop.t"]),
    ),
    "sqlcmd": (
        "sqlcmd -S srv -d shop -Q 'delete from t' -o /out/x.txt",
        ([], ["file:///out/x.txt", "mssql://srv/shop.dbo.t"]),
    ),
    "psql_fed": (
        "psql -dshop <<EOF\ndelete from t;\nEOF",
        ([], ["postgres://shop/t"]),
    ),
    "psql_url": (
        "psql postgresql://me:pw@db:5432/shop -c 'delete from t'",
        ([], ["postgres://db:5432/shop.public.t"]),
    ),
    "psql_host": ("psql -h dwh.example -c 'delete from t'", ([], ["postgres://dwh.example/t"])),
    "psql_copies": (
        "psql -d shop -c \"\\copy t from '/data/x.csv' csv\"",
        (["file:///data/x.csv"], ["postgres://shop/t"]),
    ),
    "mysql_database": ("mysql -u me shop -e 'delete from t'", ([], ["mysql://shop/t"])),
    "piped": ("echo 'delete from t' | psql -d shop", ([], ["postgres://shop/t"])),
    "athena": (
        "aws athena start-query-execution --query-string 'select * from a' "
        "--query-execution-context Database=lake",
        (["awsathena://lake/a"], []),
    ),
    "bq_external": (
        "bq mk --external_table_definition=CSV=gs://a/*.csv raw.orders",
        (["gs://a/*.csv"], ["bigquery://default/raw.orders"]),
    ),
    "s3cmd": ("s3cmd put /data/x s3://b/x", (["file:///data/x"], ["s3://b/x"])),
    "azcopy": (
        "azcopy copy 'https://a.blob.core.windows.net/c/x?sig=y' /data/x --recursive",
        (["wasbs://c@a.blob.core.windows.net/x"], ["file:///data/x"]),
    ),
    "scp": ("scp -r me@host:/in/x /data/x", (["sftp://host/in/x"], ["file:///data/x"])),
    "rsync": ("rsync -avz /data/ host:/out", (["file:///data"], ["sftp://host/out"])),
    "tar": (
        "tar -czf /data/x.tgz /data/a /data/b",
        (["file:///data/a", "file:///data/b"], ["file:///data/x.tgz"]),
    ),
    "untar": ("tar xzf /in/x.tgz -C /data/x", (["file:///in/x.tgz"], ["file:///data/x"])),
    "unzip": ("unzip -o /in/x.zip -d /data/x", (["file:///in/x.zip"], ["file:///data/x"])),
    "gunzip": ("gunzip /in/x.csv.gz", (["file:///in/x.csv.gz"], ["file:///in/x.csv"])),
    "zipped_to_a_file": (
        "gzip -c /in/x.csv > /out/x.gz",
        (["file:///in/x.csv"], ["file:///out/x.gz"]),
    ),
    "split": ("split -l 100 /in/x.csv /out/x_", (["file:///in/x.csv"], ["file:///out/x_*"])),
    "pg_dump": (
        "pg_dump -d shop -t m.a --no-owner -f /out/a.dump",
        (["postgres://shop/m.a"], ["file:///out/a.dump"]),
    ),
    "pg_dump_of_a_server": (
        "pg_dump -h dwh -U me -t m.a shop > /out/a.sql",
        (["postgres://dwh/shop.m.a"], ["file:///out/a.sql"]),
    ),
    "mysqldump": (
        "mysqldump --single-transaction shop a b > /out/x.dump",
        (["mysql://shop/a", "mysql://shop/b"], ["file:///out/x.dump"]),
    ),
    "mongoexport": (
        "mongoexport --host m --db d --collection c --out /out/c.json",
        (["mongodb://m/d.c"], ["file:///out/c.json"]),
    ),
    "sqoop": (
        "sqoop import --connect jdbc:postgresql://db:5432/shop --table a --target-dir hdfs://n/a",
        (["postgres://db:5432/shop.public.a"], ["hdfs://n/a"]),
    ),
    "ogr2ogr": (
        "ogr2ogr -f PostgreSQL PG:'host=h dbname=gis' /in/x.geojson -nln m.x -overwrite",
        (["file:///in/x.geojson"], ["postgres://h/gis.m.x"]),
    ),
    "variables_of_the_script": (
        "OUT=/data/x\ncat /in/a > $OUT/b",
        (["file:///in/a"], ["file:///data/x/b"]),
    ),
    "in_a_shell": ("bash -c 'gsutil cp gs://a/x gs://b/x'", (["gs://a/x"], ["gs://b/x"])),
    "sqlite": ("sqlite3 /data/shop.db 'delete from t'", ([], ["sqlite://data/shop.db/t"])),
    "filter": ("sort -u < /data/a > /data/b", (["file:///data/a"], ["file:///data/b"])),
    "scratch_file": (
        "aws s3 cp s3://a/x /tmp/x && gzip -9 /tmp/x && aws s3 cp /tmp/x.gz s3://b/x",
        (["s3://a/x"], ["s3://b/x"]),
    ),
}


@pytest.mark.parametrize("name", SHOWN)
def test_what_known_programs_touch_is_found(name: str) -> None:
    script, expected = SHOWN[name]

    assert touched(lineage(script)) == expected


def test_a_script_over_ssh_is_read_alike() -> None:
    found = lineage("gsutil cp gs://a/x gs://b/x", operator="SSHOperator")

    assert touched(found) == (["gs://a/x"], ["gs://b/x"])


def test_a_script_in_a_file_is_read() -> None:
    file = TemplateFile(path="scripts/copy.sh", text="gsutil cp gs://a/x gs://b/x\n")

    assert touched(lineage("copy.sh", templates={"copy.sh": file})) == (["gs://a/x"], ["gs://b/x"])


SQL_FILE = TemplateFile(path="sql/load.sql", text="insert into t select * from a")


@pytest.mark.parametrize(
    "script",
    [
        "psql -d shop -f /opt/airflow/sql/load.sql",
        "psql -d shop < /opt/airflow/sql/load.sql",
        "cat /opt/airflow/sql/load.sql | psql -d shop",
        'psql -d shop -c "$(cat /opt/airflow/sql/load.sql)"',
    ],
)
def test_sql_in_a_file_of_the_code_base_is_read(script: str) -> None:
    found = lineage(script, templates={"/opt/airflow/sql/load.sql": SQL_FILE})

    assert touched(found) == (["postgres://shop/a"], ["postgres://shop/t"])


def test_a_file_is_known_by_what_does_not_depend_on_the_machine() -> None:
    found = lineage(
        "psql -d shop -f {{ var.value.home }}/sql/load.sql",
        templates={"}}/sql/load.sql": SQL_FILE},
    )

    assert touched(found)[1] == ["postgres://shop/t"]


def test_a_script_that_is_started_is_read_with_its_words_and_variables() -> None:
    text = "#!/bin/bash\ngsutil cp gs://$LAKE/$1 gs://b/$1\nbash /opt/run.sh x\n"
    file = TemplateFile(path="run.sh", text=text)

    found = lineage("bash /opt/run.sh orders", templates={"/opt/run.sh": file}, env={"LAKE": "l"})

    assert touched(found) == (["gs://l/orders"], ["gs://b/orders"])


def test_a_script_that_is_not_in_the_code_base_is_not_known() -> None:
    found = lineage("bash /opt/run.sh orders")

    assert (found.nature, found.writes_known) == ("opaque", False)


def test_places_among_the_words_of_an_unknown_program_are_hardly_a_guess() -> None:
    found = lineage("spark-submit gs://c/job.py gs://a/x gs://b/x")

    assert touched(found) == (["gs://a/x"], ["gs://b/x"])
    assert {(ref.evidence, ref.confidence) for ref in found.datasets} == {("name", 0.4)}


@pytest.mark.parametrize(
    "script",
    [
        "gsutil ls gs://a/x",
        "pg_dump shop",
        "rclone ls x",
        "aws s3 ls s3://a",
        "curl -X POST -d '{}' https://host/x",
        "docker run --rm image python x.py",
        "docker exec box cp /data/x /data/y",
        "ssh host",
        "rclone copy other:b/x here",
        "grep -q x /data/x",
        "kubectl get pods",
        "clickhouse server",
        "cp a.csv b.csv",
        "aws s3 sync . there",
        "sort a.csv > ./b.csv",
        "cp $THING/x.csv y.csv",
    ],
)
def test_what_only_looks_or_names_nothing_is_left_alone(script: str) -> None:
    assert touched(lineage(script)) == ([], [])


def test_variables_come_from_the_tasks_environment() -> None:
    found = lineage("gsutil cp gs://$LAKE/x gs://b/x", env={"LAKE": "lake"})

    assert touched(found)[0] == ["gs://lake/x"]


@pytest.mark.parametrize("bucket", ["$LAKE", "{{ params.lake }}", "$(lake)"])
def test_a_bucket_that_only_the_run_knows_is_a_guess(bucket: str) -> None:
    found = lineage(f"gsutil cp gs://{bucket}/x gs://b/x")

    assert [ref.confidence for ref in found.reads] == [0.5]
    assert [ref.confidence for ref in found.writes] == [0.9]
    assert not found.writes_known


def test_a_place_of_which_nothing_is_known_is_none() -> None:
    assert touched(lineage("gsutil cp gs://$LAKE/$X gs://b/x")) == ([], ["gs://b/x"])


def test_options_of_an_unknown_program_are_a_guess_that_says_so() -> None:
    found = lineage("python load.py --input gs://a/x --output=gs://b/x --jar gs://c/x.jar")

    assert touched(found) == (["gs://a/x"], ["gs://b/x"])
    assert {(ref.evidence, ref.confidence) for ref in found.datasets} == {("name", 0.6)}
    assert not found.writes_known
    assert [finding.code for finding in found.findings] == ["unknown_outputs"]


def test_tables_on_a_server_that_nothing_names_are_a_guess() -> None:
    found = lineage("psql -c 'insert into t select * from m.a'")

    assert touched(found) == (["postgres://default/m.a"], ["postgres://default/t"])
    assert {ref.confidence for ref in found.datasets} == {0.5}
    assert not found.writes_known
    told = {finding.code: finding.message for finding in found.findings}
    assert told["server_unknown"].startswith("its SQL names m.a, t, and nothing says")
    assert "unknown_outputs" in told


HIVE = "insert into t select * from m.a"


@pytest.mark.parametrize(
    ("script", "reads", "writes", "confidence"),
    [
        (f"hive -e '{HIVE}'", "hive://default/m.a", "hive://default/t", 0.5),
        (f"hive --database d -e '{HIVE}'", "hive://default/m.a", "hive://default/d.t", 0.5),
        (f"beeline -u jdbc:hive2://h:1/d -e '{HIVE}'", "hive://h:1/m.a", "hive://h:1/d.t", 0.95),
    ],
)
def test_tables_of_hive_are_certain_where_its_server_is_given(
    script: str, reads: str, writes: str, confidence: float
) -> None:
    found = lineage(script)

    assert touched(found) == ([reads], [writes])
    assert {ref.confidence for ref in found.datasets} == {confidence}


@pytest.mark.parametrize("script", ["echo hi", "sleep 5; date", "mkdir -p /x && rm -rf /x/y", ""])
def test_scripts_that_move_no_data_are_quiet(script: str) -> None:
    found = lineage(script or "true")

    assert (found.nature, found.findings) == ("quiet", ())


@pytest.mark.parametrize(
    ("script", "code"),
    [
        ("./run.sh", "unknown_outputs"),
        ("echo 'it", "script_not_read"),
        ("psql -d shop -f load.sql", "template_not_found"),
        ("psql -d shop -c 'insert into into'", "sql_not_read"),
        ("cd /dbt && dbt run", "runs_dbt"),
    ],
)
def test_what_is_not_known_is_said(script: str, code: str) -> None:
    found = lineage(script)

    assert code in [finding.code for finding in found.findings]
    assert not found.writes_known


def test_logs_and_scripts_are_no_datasets() -> None:
    found = lineage(
        "cp /data/x.csv /opt/airflow/logs/x.csv; curl -o /data/y.py https://a.example/y"
    )
    assert touched(found) == (["file:///data/x.csv", "https://a.example/y"], [])


def test_a_task_that_surely_writes_something_has_no_unknown_outputs():
    found = lineage("mystery --x 1; aws s3 cp /data/x s3://lake/x")
    assert "unknown_outputs" not in {each.code for each in found.findings}
    assert not found.writes_known
