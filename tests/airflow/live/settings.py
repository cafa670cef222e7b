"""The environment variables that configure one Airflow, 2.11 or 3.3, small and quick to start."""

import json
import os
import secrets
import sys
from collections.abc import Mapping
from pathlib import Path

USERNAME = "admin"
_BASIC_AUTH = "airflow.providers.fab.auth_manager.api.auth.backend.basic_auth"


def shared_settings(home: Path, dags_folder: Path, database_url: str) -> dict[str, str]:
    """What both versions and `dag.test()` need, on top of this process's own environment."""
    inherited = {
        name: value
        for name, value in os.environ.items()
        # without bytecode every process of Airflow compiles all of it again: 2 to 3 s of CPU each
        if not name.startswith(("AIRFLOW", "BRIDGE_")) and name != "PYTHONDONTWRITEBYTECODE"
    }
    return {
        **inherited,
        "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ.get('PATH', '')}",
        "AIRFLOW_HOME": str(home),
        "AIRFLOW__CORE__LOAD_EXAMPLES": "False",
        "AIRFLOW__CORE__DAGS_FOLDER": str(dags_folder),
        "AIRFLOW__CORE__FERNET_KEY": "",
        "AIRFLOW__DATABASE__SQL_ALCHEMY_CONN": database_url,
        "AIRFLOW__USAGE_DATA_COLLECTION__ENABLED": "False",
    }


def _server_settings() -> dict[str, str]:
    """Low waits, few processes."""
    return {
        "AIRFLOW__CORE__PARALLELISM": "4",
        "AIRFLOW__CORE__MIN_SERIALIZED_DAG_UPDATE_INTERVAL": "1",
        "AIRFLOW__CORE__MIN_SERIALIZED_DAG_FETCH_INTERVAL": "1",
        "AIRFLOW__SCHEDULER__SCHEDULER_IDLE_SLEEP_TIME": "0.25",
        "AIRFLOW__SCHEDULER__TRIGGER_TIMEOUT_CHECK_INTERVAL": "1",
        "AIRFLOW__METRICS__STATSD_ON": "False",
    }


def settings_v3(
    home: Path, dags_folder: Path, database_url: str, port: int, password: str
) -> dict[str, str]:
    """Airflow 3: simple auth manager with one admin, one api worker, LocalExecutor."""
    passwords = home / "passwords.json"
    passwords.write_text(json.dumps({USERNAME: password}))
    url = f"http://127.0.0.1:{port}"
    return {
        **shared_settings(home, dags_folder, database_url),
        **_server_settings(),
        "AIRFLOW__CORE__EXECUTOR": "LocalExecutor",
        "AIRFLOW__CORE__EXECUTION_API_SERVER_URL": f"{url}/execution/",  # does not follow API__PORT
        "AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_USERS": f"{USERNAME}:admin",
        "AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_PASSWORDS_FILE": str(passwords),
        "AIRFLOW__API__HOST": "127.0.0.1",
        "AIRFLOW__API__PORT": str(port),
        "AIRFLOW__API__BASE_URL": url,
        "AIRFLOW__API__WORKERS": "1",
        "AIRFLOW__API__SECRET_KEY": secrets.token_hex(16),
        "AIRFLOW__API_AUTH__JWT_SECRET": secrets.token_hex(32),  # one for all components
        # a finished task was seen to hold its executor slot until the next heartbeat
        "AIRFLOW__WORKERS__MIN_HEARTBEAT_INTERVAL": "1",
        "AIRFLOW__DAG_PROCESSOR__PARSING_PROCESSES": "1",
        "AIRFLOW__DAG_PROCESSOR__REFRESH_INTERVAL": "1",
        "AIRFLOW__DAG_PROCESSOR__BUNDLE_REFRESH_CHECK_INTERVAL": "1",
        # a changed file is read at once all the same; reading unchanged ones again costs a core
        "AIRFLOW__DAG_PROCESSOR__MIN_FILE_PROCESS_INTERVAL": "120",
    }


def settings_v2(
    home: Path, dags_folder: Path, database_url: str, port: int, password: str
) -> dict[str, str]:
    """Airflow 2.11: FAB with basic auth, one web worker, LocalExecutor where the database can."""
    is_sqlite = database_url.startswith("sqlite")
    return {
        **shared_settings(home, dags_folder, database_url),
        **_server_settings(),
        # SQLite allows only the SequentialExecutor: a new interpreter, 4 s of CPU, for every task
        "AIRFLOW__CORE__EXECUTOR": "SequentialExecutor" if is_sqlite else "LocalExecutor",
        "AIRFLOW__API__AUTH_BACKENDS": _BASIC_AUTH,
        "AIRFLOW__WEBSERVER__BASE_URL": f"http://127.0.0.1:{port}",
        "AIRFLOW__WEBSERVER__WEB_SERVER_HOST": "127.0.0.1",
        "AIRFLOW__WEBSERVER__WEB_SERVER_PORT": str(port),
        "AIRFLOW__WEBSERVER__WORKERS": "1",
        "AIRFLOW__WEBSERVER__WEB_SERVER_MASTER_TIMEOUT": "600",  # 120 was seen to end it under load
        "AIRFLOW__WEBSERVER__SECRET_KEY": secrets.token_hex(16),
        "AIRFLOW__SCHEDULER__PARSING_PROCESSES": "1",
        "AIRFLOW__SCHEDULER__DAG_DIR_LIST_INTERVAL": "1",
        "AIRFLOW__SCHEDULER__MIN_FILE_PROCESS_INTERVAL": "120",
        "LIVE_AIRFLOW_USERNAME": USERNAME,
        "LIVE_AIRFLOW_PASSWORD": password,
    }


def with_extra(settings: Mapping[str, str], extra: Mapping[str, str]) -> dict[str, str]:
    """`settings` and what the tests ask for; PYTHONPATH is put in front instead of replaced."""
    merged = {**settings, **extra}
    paths = [path for path in (extra.get("PYTHONPATH"), settings.get("PYTHONPATH")) if path]
    if paths:
        merged["PYTHONPATH"] = os.pathsep.join(dict.fromkeys(paths))
    return merged
