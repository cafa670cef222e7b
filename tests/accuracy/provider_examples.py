"""The system tests that provider packages ship on PyPI, put together as one code base.

    python -m tests.accuracy.provider_examples FOLDER
    python -m tests.accuracy FOLDER/system --truth tests/accuracy/truths/provider_examples.json

They are in the source distributions only, so that they are downloaded with pip (about 20 MB) where
somebody measures, and not in CI. The truth is what Airflow 3.3.2 with all those providers loads;
to renew it, give `--airflow` a Python that has them, and write it with `--write-truth`.
"""

from __future__ import annotations

import subprocess
import sys
import tarfile
import tempfile
from pathlib import Path

VERSIONS = """
    airbyte==6.2.0 alibaba==3.5.2 amazon==9.39.0 apache-beam==6.3.1 apache-cassandra==3.10.1
    apache-drill==3.3.4 apache-flink==1.9.1 apache-hive==9.7.1 apache-iceberg==2.1.2
    apache-kafka==2.1.0 apache-livy==4.6.4 apache-pinot==4.10.4 apache-spark==6.3.4
    arangodb==2.10.1 asana==2.12.1 atlassian-jira==3.4.1 cncf-kubernetes==10.25.0 cohere==1.8.1
    common-sql==2.4.0 databricks==7.23.0 dbt-cloud==4.11.1 dingding==3.10.1 docker==4.6.1
    elasticsearch==6.10.0 exasol==4.11.1 ftp==3.16.1 github==2.12.1 google==22.8.0 http==6.3.0
    imap==3.13.1 influxdb==2.13.0 jdbc==5.6.1 jenkins==4.2.7 microsoft-azure==15.2.1
    microsoft-mssql==4.7.2 microsoft-winrm==3.15.1 mongo==5.5.1 mysql==6.7.1 neo4j==3.13.1
    openai==2.2.0 openlineage==2.20.3 opensearch==1.15.0 opsgenie==5.11.1 oracle==4.7.1
    papermill==3.13.3 pgvector==1.7.4 pinecone==2.5.1 postgres==7.1.1 presto==5.13.1 qdrant==1.6.1
    redis==4.7.1 salesforce==5.15.1 samba==4.14.1 sendgrid==4.2.5 sftp==7.0.0 singularity==3.9.5
    slack==9.11.1 snowflake==6.20.0 sqlite==4.3.4 ssh==7.0.1 tableau==5.7.1 telegram==4.10.1
    teradata==3.7.1 trino==6.7.1 vertica==4.4.1 weaviate==3.5.1 yandex==4.6.1 ydb==2.6.1
    zendesk==4.12.1
""".split()  # noqa: SIM905
_INSIDE = "/tests/system/"
# What the tests take from Airflow's own repository, in which they run; no package has it.
_HELPERS = {
    "requirements.txt": "",
    "tests_common/__init__.py": "",
    "tests_common/test_utils/__init__.py": "",
    "tests_common/test_utils/watcher.py": """from airflow.decorators import task


@task(trigger_rule="one_failed", retries=0)
def watcher():
    raise RuntimeError("a task failed")
""",
    "tests_common/test_utils/system_tests.py": """import os


def get_test_run(dag, **options):
    return None


def get_test_env_id(env_var_name="SYSTEM_TESTS_ENV_ID"):
    return os.environ.get(env_var_name)
""",
    "tests_common/test_utils/version_compat.py": """AIRFLOW_V_3_0_PLUS = True
AIRFLOW_V_3_1_PLUS = True
""",
}


def put_together(folder: Path) -> None:
    """Download what is missing and unpack it below the folder; its DAGs are in `system`."""
    for name, text in _HELPERS.items():
        place = folder / name
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text(text, encoding="utf-8")
    with tempfile.TemporaryDirectory() as downloads:
        _download(Path(downloads))
        for archive in sorted(Path(downloads).glob("*.tar.gz")):
            _unpack(archive, folder / "system")


def _download(downloads: Path) -> None:
    """One call each, so that a package that is gone costs no other; pip needs `flit_core` here."""
    pip = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--no-binary", ":all:"]
    for version in VERSIONS:
        words = [*pip, "--no-build-isolation", "--dest", str(downloads)]
        done = subprocess.run([*words, f"apache-airflow-providers-{version}"], check=False)
        if done.returncode:
            print(f"{version} could not be downloaded; its DAGs will be missed", file=sys.stderr)


def _unpack(archive: Path, folder: Path) -> None:
    with tarfile.open(archive) as opened:
        for member in opened.getmembers():
            _, found, name = member.name.partition(_INSIDE)
            data = opened.extractfile(member) if found and member.isfile() else None
            if data is None or ".." in name.split("/"):
                continue
            place = folder / name
            place.parent.mkdir(parents=True, exist_ok=True)
            place.write_bytes(data.read())


if __name__ == "__main__":
    put_together(Path(sys.argv[1]))
