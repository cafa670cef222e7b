"""The real Airflows that tests share: one a session, of the version this environment has."""

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.airflow.live.in_process import DagTestAirflow
from tests.airflow.live.installed import WHAT_WOULD_RUN_IT, airflow_version
from tests.airflow.live.instance import LiveAirflow, started
from tests.airflow.live.settings import shared_settings, with_extra

REPOSITORY = Path(__file__).parents[2]
LEGACY_FLIGHTS = REPOSITORY / "migration_examples" / "01-flights" / "dags"


def _require_airflow() -> tuple[int, ...]:
    version = airflow_version()
    if version is None:
        pytest.skip(WHAT_WOULD_RUN_IT)
    return version


@pytest.fixture(scope="session")
def live_environment(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """What every process of the Airflows gets of this project; one store for all of them.

    Change it before `live_airflow` starts, or read from it what to open in the test.
    """
    folder = tmp_path_factory.mktemp("shared")
    warehouse = folder / "flights.db"
    return {
        "PYTHONPATH": str(REPOSITORY),
        "BRIDGE_STORE": f"sqlite:///{folder / 'store.db'}",
        "BRIDGE_PROJECT": str(REPOSITORY / "migration_examples" / "01-flights"),
        "BRIDGE_STORAGE": str(folder / "storage"),
        "BRIDGE_AIRFLOW_INSTANCE": "airflow",
        "FLIGHTS_WAREHOUSE": str(warehouse),
        "AIRFLOW_CONN_FLIGHTS_WAREHOUSE": f"sqlite://{warehouse}",
    }


@pytest.fixture(scope="session")
def live_airflow(
    live_environment: dict[str, str], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[LiveAirflow]:
    """A running Airflow with scheduler and metadata database; starts in about 10 s, once."""
    version = _require_airflow()
    with started(version, tmp_path_factory.mktemp("live"), live_environment) as live:
        yield live


@pytest.fixture
def live_flights(live_airflow: LiveAirflow) -> LiveAirflow:
    """The running Airflow with the legacy flights DAGs in its DAGs folder."""
    live_airflow.add_dags(*sorted(LEGACY_FLIGHTS.iterdir()))
    return live_airflow


@pytest.fixture(scope="session")
def dag_test_airflow(
    live_environment: dict[str, str], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[DagTestAirflow]:
    """An Airflow home with a migrated SQLite database, for `dag.test()` in this process."""
    version = _require_airflow()
    folder = tmp_path_factory.mktemp("dag_test")
    home, dags_folder = folder / "home", folder / "dags"
    for path in (home, dags_folder):
        path.mkdir()
    env = with_extra(
        shared_settings(home, dags_folder, f"sqlite:///{home / 'airflow.db'}"), live_environment
    )
    airflow = DagTestAirflow(version=version, home=home, dags_folder=dags_folder, env=env)
    airflow.migrate()
    with pytest.MonkeyPatch.context() as patch:
        for name, value in env.items():
            if name.startswith(("AIRFLOW", "BRIDGE_")) or name in live_environment:
                patch.setenv(name, value)
        if "airflow" in sys.modules:  # an earlier test read other settings
            from airflow import settings  # noqa: PLC0415 - not before the environment is set

            settings.configure_vars()
            settings.configure_orm()
        yield airflow
