import pytest

from adapters.airflow.lineage.housekeeping import is_housekeeping


@pytest.mark.parametrize(
    "uri",
    [
        "file:///airflow/xcom/return.json",
        "file:///var/log/load.txt",
        "file:///opt/airflow/logs/load_{timestamp}.txt",
        "file:///var/run/load.pid",
        "file:///tmp/load.lock",
        "file:///tmp/bridge-record/tmp8f/part.csv",
        "file:///dev/null",
        "file:///opt/airflow/dags/sql/load.sql",
        "file:///opt/airflow/dags/config.YAML",
        "s3://bucket/jobs/load.py",
        "gs://bucket/init.sh",
        "https://api.telegram.org/bot/sendMessage%3Fchat_id=1",
        "https://hooks.slack.com/services/",
        "https://accounts.example.com/oauth/v2/token",
        "https://login.example.com/tenant/oauth2/v2.0/token",
        "https://id.example.com/realms/x/protocol/openid-connect/token",
    ],
)
def test_logs_locks_code_messages_and_leave_are_no_data(uri):
    assert is_housekeeping(uri)


@pytest.mark.parametrize(
    "uri",
    [
        "file:///data/logins/users.csv",
        "file:///data/catalog",
        "file:///tmp/part.json",
        "s3://bucket/logs/2024/part.json",
        "s3://bucket/log.parquet",
        "postgres://dwh/public.sql",
        "https://example.com/data.py",
        "https://api.telegram.org/bot/getUpdates",
        "https://example.com/oauth/token/usage",
        "https://example.com/tokens",
    ],
)
def test_data_is_left_alone(uri):
    assert not is_housekeeping(uri)


def test_a_dump_that_is_written_is_data():
    assert not is_housekeeping("s3://bucket/dump.sql", "write")
    assert is_housekeeping("s3://bucket/dump.py", "write")
