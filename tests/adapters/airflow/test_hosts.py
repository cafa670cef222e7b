"""Which executors need a store that several hosts share."""

from __future__ import annotations

import pytest

from adapters.airflow.hosts import require_shared_store
from bridge.errors import ConfigError

FILE = "sqlite:////srv/project/.bridge/bridge.db"


@pytest.mark.parametrize(
    "executors",
    [
        "CeleryExecutor",
        "LocalExecutor,CeleryExecutor",
        "LocalExecutor, KubernetesExecutor",
        "LocalExecutor;eu=CeleryExecutor",
        "airflow.providers.celery.executors.celery_executor.CeleryExecutor",
        "airflow.providers.edge3.executors.EdgeExecutor",
        "airflow.providers.amazon.aws.executors.ecs.AwsEcsExecutor",
    ],
)
def test_a_file_is_refused_where_tasks_run_on_several_hosts(executors: str) -> None:
    with pytest.raises(ConfigError, match="postgresql\\+psycopg2://user@host/database") as refused:
        require_shared_store(FILE, executors)

    assert FILE in str(refused.value)
    assert "Executor runs tasks on several" in str(refused.value)


@pytest.mark.parametrize("executors", ["LocalExecutor", "SequentialExecutor", "our.own.Executor"])
def test_a_file_will_do_where_all_tasks_run_here(executors: str) -> None:
    require_shared_store(FILE, executors)


def test_a_server_will_do_for_all() -> None:
    require_shared_store("postgresql+psycopg2://user@host/bridge", "CeleryExecutor")
