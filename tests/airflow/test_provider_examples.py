"""The import of the system tests that providers ship on PyPI against what Airflow 3.3 loads."""

from __future__ import annotations

import subprocess

import pytest

from adapters.airflow.legacy.take import record_folder
from tests.accuracy.comparing import Score, scores
from tests.accuracy.provider_examples import VERSIONS, put_together, truth_of
from tests.conftest import missing

pytestmark = pytest.mark.airflow3  # that environment has pip
PROVIDERS = (
    *("amazon", "apache-spark", "cncf-kubernetes", "common-sql", "databricks", "dbt-cloud"),
    *("google", "http", "microsoft-azure", "postgres", "sftp", "slack", "snowflake", "trino"),
)
LEAST_RECALL = {"DAGs": 97, "tasks": 95, "edges": 95, "operators": 99.5, "schedules": 98}
LEAST_PRECISION = 99.5


@pytest.fixture(scope="module")
def examples(
    pytestconfig: pytest.Config, tmp_path_factory: pytest.TempPathFactory
) -> dict[str, Score]:
    """Downloaded once, and kept in pytest's cache: 14 packages of 8 MB in one call of pip."""
    assert pytestconfig.cache is not None
    folder = tmp_path_factory.mktemp("providers")
    versions = [one for one in VERSIONS if one.partition("==")[0] in PROVIDERS]
    try:
        put_together(folder, pytestconfig.cache.mkdir("provider-sources"), versions)
    except subprocess.CalledProcessError as error:
        missing(f"PyPI is needed once; pip said: {error.stderr.strip()[-300:]}")
    truth = truth_of(folder / "system")
    return {score.name: score for score in scores(record_folder(folder / "system"), truth)}


def test_the_providers_are_those_that_most_code_bases_use(examples: dict[str, Score]) -> None:
    assert set(PROVIDERS) <= {version.partition("==")[0] for version in VERSIONS}
    assert examples["DAGs"].true > 250
    assert examples["tasks"].true > 2_000


@pytest.mark.parametrize("what", LEAST_RECALL)
def test_the_system_tests_are_recorded_as_airflow_loads_them(
    what: str, examples: dict[str, Score]
) -> None:
    score = examples[what]
    assert score.recall >= LEAST_RECALL[what], score.missed
    least = LEAST_PRECISION if what in ("DAGs", "tasks", "edges") else LEAST_RECALL[what]
    assert score.precision >= least, score.wrong
