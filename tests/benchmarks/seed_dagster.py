"""What a Dagster database holds after much was reported, written at once.

One event is reported by its own call; the others are that row with other names. Reporting 100,000
would take half an hour.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from dagster import AssetMaterialization, DagsterInstance, asset, materialize

# Its console log is off, in its favour: ours prints nothing while it runs.
QUIET = {"loggers": {"console": {"config": {"log_level": "CRITICAL"}}}}
_EVENT = "INSERT INTO event_logs VALUES (?, ?, ?, ?, ?, ?, ?, ?)"


def report_partitions(instance: DagsterInstance, name: str, partitions: Iterable[str]) -> None:
    """A materialization of every partition of one asset."""
    first, *others = partitions
    instance.report_runless_asset_event(AssetMaterialization(name, partition=first))

    def copies(event: tuple[Any, ...]) -> Iterator[tuple[Any, ...]]:
        _, run, text, *between, _ = event
        before, after = text.split(f'"partition": "{first}"')
        for partition in others:
            yield None, run, f'{before}"partition": "{partition}"{after}', *between, partition

    _copy(instance, copies)


def report_assets(instance: DagsterInstance, inputs: Mapping[str, Mapping[str, str]]) -> None:
    """A materialization of each asset, as a run reports it, with the versions of what it read."""
    materialize([_materialized], instance=instance, run_config=QUIET)

    def copy(text: str, name: str, number: int) -> str:
        tags = {"dagster/data_version": "v1", "dagster/code_version": "run"}
        for at, (upstream, version) in enumerate(inputs[name].items()):
            tags[f"dagster/input_data_version/{upstream}"] = version
            tags[f"dagster/input_event_pointer/{upstream}"] = str(at + 1)
        record = json.loads(text.replace(_materialized.key.path[0], name))
        event = record.get("event_log_entry", record)["dagster_event"]
        event["event_specific_data"]["materialization"]["tags"] = tags
        if "storage_id" in record:
            record["storage_id"] = number
        return json.dumps(record)

    with _connection(instance) as connection:
        query = "SELECT * FROM event_logs WHERE dagster_event_type = 'ASSET_MATERIALIZATION'"
        (event,) = connection.execute(query).fetchall()
        _, run, text, kind, at, step, _, partition = event
        first = connection.execute("SELECT max(id) + 1 FROM event_logs").fetchone()[0]
        rows = [
            (first + n, run, copy(text, name, 0), kind, at, step, json.dumps([name]), partition)
            for n, name in enumerate(inputs)
        ]
        connection.executemany(_EVENT, rows)
        _, _, latest, *rest = connection.execute("SELECT * FROM asset_keys").fetchone()
        connection.executemany(
            f"INSERT INTO asset_keys VALUES ({', '.join('?' * (3 + len(rest)))})",
            [
                (None, json.dumps([name]), copy(latest, name, first + n), *rest)
                for n, name in enumerate(inputs)
            ],
        )


@asset(name="the_asset_to_copy")
def _materialized() -> None:
    return None


def _copy(
    instance: DagsterInstance,
    copies: Callable[[tuple[Any, ...]], Iterator[tuple[Any, ...]]],
) -> None:
    with _connection(instance) as connection:
        (event,) = connection.execute("SELECT * FROM event_logs").fetchall()
        connection.executemany(_EVENT, copies(event))


def _connection(instance: DagsterInstance) -> sqlite3.Connection:
    (file,) = Path(instance.root_directory).rglob("index.db")
    return sqlite3.connect(file)
