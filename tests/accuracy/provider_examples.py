"""The system tests that provider packages ship on PyPI, put together as one code base.

    python -m tests.accuracy.provider_examples FOLDER
    python -m tests.accuracy FOLDER/system --truth tests/accuracy/truths/provider_examples.json

They are in the source distributions only, which pip downloads (about 20 MB for all; it prepares
each with `flit_core`, so that the environment has both). The truth is what Airflow 3.3.2 with all
those providers loads; to renew it, give `--airflow` a Python that has them, and write it with
`--write-truth`.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tarfile
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from tests.accuracy.dagbag_truth import read

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
_PACKAGE = "apache-airflow-providers-"
_TRUTH = Path(__file__).parent / "truths" / "provider_examples.json"
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


def put_together(folder: Path, archives: Path, versions: Sequence[str] = VERSIONS) -> None:
    """Unpack the archives below the folder, its DAGs in `system`; pip downloads those not there.

    Raises subprocess.CalledProcessError, with what pip said, where one cannot be downloaded.
    """
    for name, text in _HELPERS.items():
        place = folder / name
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text(text, encoding="utf-8")
    paths = [archives / _file_name(version) for version in versions]
    lacking = [version for version in versions if not (archives / _file_name(version)).exists()]
    if lacking:
        _download(lacking, archives)
    for path in paths:
        _unpack(path, folder / "system")


def truth_of(folder: Path) -> dict[str, Any]:
    """The truth of what was put together, as far as its files are there."""
    whole = read(_TRUTH.read_text(encoding="utf-8"))
    dags = {name: dag for name, dag in whole["dags"].items() if (folder / dag["file"]).exists()}
    return {**whole, "dags": dags}


def _file_name(version: str) -> str:
    name, _, number = (_PACKAGE + version).partition("==")
    return f"{name.replace('-', '_')}-{number}.tar.gz"


def _download(versions: Sequence[str], archives: Path) -> None:
    """One call for all: pip takes longer to start than to download most of them."""
    pip = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--no-binary", ":all:"]
    words = [*pip, "--no-build-isolation", "--dest", str(archives)]
    environment = {**os.environ, "PIP_DISABLE_PIP_VERSION_CHECK": "1"}
    subprocess.run(
        [*words, *(_PACKAGE + version for version in versions)],
        check=True,
        stderr=subprocess.PIPE,
        text=True,
        env=environment,
    )


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


def main() -> int:
    """Put all together in the folder that the command names."""
    words = argparse.ArgumentParser(prog="python -m tests.accuracy.provider_examples")
    words.add_argument("folder", type=Path, help="where to put the files")
    folder = words.parse_args().folder
    with tempfile.TemporaryDirectory() as archives:
        try:
            put_together(folder, Path(archives))
        except subprocess.CalledProcessError as error:
            print(f"pip could not download the sources of the providers:\n{error.stderr}")
            return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
