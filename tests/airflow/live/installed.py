"""Which Airflow this environment has, without importing it."""

from importlib import metadata

WHAT_WOULD_RUN_IT = (
    "needs Airflow: run it in an environment that has apache-airflow 2.11 or 3.3 "
    "(`nox -l` lists the sessions that make one)"
)


def airflow_version() -> tuple[int, ...] | None:
    """(2, 11, 2) or (3, 3, 2) and so on; None where no Airflow is installed."""
    for distribution in ("apache-airflow-core", "apache-airflow"):
        try:
            return tuple(int(number) for number in metadata.version(distribution).split(".")[:3])
        except metadata.PackageNotFoundError:  # noqa: PERF203 - there are two
            continue
    return None
