"""Whether Airflow's tasks may run on several hosts, and what all of them have to share then. Pure.

A store that each host has for itself would know of no other's claims: two would write at once.
"""

from __future__ import annotations

import re

from bridge.errors import ConfigError

# The classes that send tasks to other machines, by a part of their names.
_ELSEWHERE = re.compile(r"Celery|Kubernetes|Edge|Ecs|Batch|Lambda|Dask")
_SEPARATORS = re.compile(r"[,;=]")  # several, also of teams: `CeleryExecutor;eu=LocalExecutor`


def require_shared_store(store_url: str, executors: str) -> None:
    """Raise ConfigError where the store is a file and an executor runs tasks on other hosts.

    `executors` is Airflow's setting [core] executor. One of a name that says nothing may do what it
    likes.
    """
    if not store_url.startswith("sqlite"):
        return
    names = (name.strip().rpartition(".")[2] for name in _SEPARATORS.split(executors))
    elsewhere = next((name for name in names if _ELSEWHERE.search(name)), None)
    if elsewhere is None:
        return
    raise ConfigError(
        f"The store {store_url} is a file on one host, and {elsewhere} runs tasks on several: each "
        "would keep facts and claims of its own. Nothing was run. Set BRIDGE_STORE for all workers "
        "to a PostgreSQL database, postgresql+psycopg2://user@host/database; the server that has "
        "Airflow's own will do."
    )
