"""The environment of every Airflow process: what a distributed set-up needs, and why."""

from __future__ import annotations

import json
import os
import secrets
import sys
from dataclasses import dataclass
from pathlib import Path

USERNAME = "admin"


@dataclass(frozen=True, kw_only=True)
class Services:
    """What is shared by all hosts: two databases, the broker, and where values are stored.

    `queue` begins the name of everything that this cluster keeps in Redis.
    """

    metadata_url: str
    store_url: str
    redis_url: str
    storage: str
    queue: str


def settings(project: Path, services: Services, port: int, password: str) -> dict[str, str]:
    """All that is set; the rest is Airflow's default."""
    return {
        **_inherited(),
        **_of_bridge(project, services),
        **_of_celery(services),
        **_of_airflow(project, services, port, password),
        **_for_a_demonstration(),
    }


def _of_bridge(project: Path, services: Services) -> dict[str, str]:
    """Only workers need these: scheduler and DAG processor never load the project's code."""
    return {
        "BRIDGE_PROJECT": str(project),
        "BRIDGE_STORE": services.store_url,
        "BRIDGE_STORAGE": services.storage,  # a folder that all hosts see, or s3://…, gs://…
    }


def _of_celery(services: Services) -> dict[str, str]:
    """A task is acknowledged when it has ended, and a worker takes no more than it can do."""
    return {
        "AIRFLOW__CORE__EXECUTOR": "CeleryExecutor",
        "AIRFLOW__CELERY__BROKER_URL": services.redis_url,
        "AIRFLOW__CELERY__RESULT_BACKEND": f"db+{services.metadata_url}",
        "AIRFLOW__CELERY__TASK_ACKS_LATE": "True",
        "AIRFLOW__CELERY__WORKER_PREFETCH_MULTIPLIER": "1",
        # Longer than any task: Redis then gives an unacknowledged message to another worker.
        "AIRFLOW__CELERY_BROKER_TRANSPORT_OPTIONS__VISIBILITY_TIMEOUT": "43200",
        # Only because others may use the same Redis:
        "AIRFLOW__CELERY_BROKER_TRANSPORT_OPTIONS__GLOBAL_KEYPREFIX": f"{services.queue}:",
        "AIRFLOW__OPERATORS__DEFAULT_QUEUE": services.queue,
    }


def _of_airflow(project: Path, services: Services, port: int, password: str) -> dict[str, str]:
    home = project / "airflow"
    home.mkdir(exist_ok=True)
    passwords = home / "passwords.json"
    passwords.write_text(json.dumps({USERNAME: password}))
    url = f"http://127.0.0.1:{port}"
    return {
        "AIRFLOW_HOME": str(home),
        "AIRFLOW__CORE__DAGS_FOLDER": str(project / "dags_generated"),
        "AIRFLOW__CORE__LOAD_EXAMPLES": "False",
        "AIRFLOW__CORE__EXECUTION_API_SERVER_URL": f"{url}/execution/",  # all that workers ask
        # A check's task that is lost with its worker runs again; one that fails the data does not.
        "AIRFLOW__CORE__DEFAULT_TASK_RETRIES": "2",
        "AIRFLOW__CORE__DEFAULT_TASK_RETRY_DELAY": "2",
        "AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_USERS": f"{USERNAME}:admin",
        "AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_PASSWORDS_FILE": str(passwords),
        "AIRFLOW__API__HOST": "127.0.0.1",
        "AIRFLOW__API__PORT": str(port),
        "AIRFLOW__API__BASE_URL": url,
        "AIRFLOW__API__SECRET_KEY": secrets.token_hex(16),
        "AIRFLOW__API_AUTH__JWT_SECRET": secrets.token_hex(32),  # one for all hosts
        "AIRFLOW__DATABASE__SQL_ALCHEMY_CONN": services.metadata_url,
    }


def _for_a_demonstration() -> dict[str, str]:
    """Small, quick to start and to notice things; leave these out in earnest."""
    return {
        "AIRFLOW__CORE__HOSTNAME_CALLABLE": "cluster.host.name",  # two hosts on one machine
        "AIRFLOW__SCHEDULER__TASK_INSTANCE_HEARTBEAT_TIMEOUT": "12",  # 300 s by default
        "AIRFLOW__SCHEDULER__TASK_INSTANCE_HEARTBEAT_TIMEOUT_DETECTION_INTERVAL": "2",
        "AIRFLOW__SCHEDULER__SCHEDULER_IDLE_SLEEP_TIME": "0.25",
        "AIRFLOW__WORKERS__MIN_HEARTBEAT_INTERVAL": "2",
        "AIRFLOW__CELERY__SYNC_PARALLELISM": "1",
        "AIRFLOW__API__WORKERS": "1",
        "AIRFLOW__DAG_PROCESSOR__PARSING_PROCESSES": "1",
        "AIRFLOW__DAG_PROCESSOR__MIN_FILE_PROCESS_INTERVAL": "120",
        "AIRFLOW__USAGE_DATA_COLLECTION__ENABLED": "False",
    }


def _inherited() -> dict[str, str]:
    """This process's environment, without what another Airflow or project would leave in it."""
    kept = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("AIRFLOW", "BRIDGE_")) and name != "PYTHONDONTWRITEBYTECODE"
    }
    here = str(Path(__file__).resolve().parent.parent)  # where `cluster.host` is
    paths = [here, *filter(None, [kept.get("PYTHONPATH")])]
    programs = [str(Path(sys.executable).parent), kept.get("PATH", "")]
    return {**kept, "PATH": os.pathsep.join(programs), "PYTHONPATH": os.pathsep.join(paths)}
