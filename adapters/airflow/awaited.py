"""Which upstream partitions an asset's partition waits for, and which of them are not there yet.

Nothing here knows Airflow or user code but through the graph, so that a triggerer can ask too.
"""

from __future__ import annotations

import logging
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime
from typing import NamedTuple

from bridge.errors import PartitionError
from bridge.graph import AssetGraph
from bridge.keys import AssetKey
from bridge.store import Store
from bridge.store.state import CheckState

log = logging.getLogger("airflow.task.bridge")


class Awaited(NamedTuple):
    """Partitions of one asset that have to be there, and its checks that have to have passed."""

    key: AssetKey
    partitions: tuple[str, ...]
    checks: tuple[str, ...]


class Missing(NamedTuple):
    """A partition that is not there, and why not; `why` continues a sentence."""

    key: AssetKey
    partition: str
    why: str

    def __str__(self) -> str:
        return f"{self.key} partition {self.partition}, which {self.why}"


def awaited_by(
    readers: Iterable[AssetKey],
    partition: str,
    upstream: Collection[AssetKey],
    graph: AssetGraph,
    now: datetime,
) -> list[Awaited]:
    """The partitions of these upstream assets that a partition of their readers reads.

    As their partition mappings say, whether or not their windows are over. One that can never exist
    is not waited for: only who loads its value needs it.
    """
    read: dict[AssetKey, dict[str, None]] = {}
    for reader in readers:
        for key in graph.upstream(reader):
            if key not in upstream:
                continue
            try:
                names = graph.partitions_read(reader, partition, key, now)
            except PartitionError as error:
                log.info("%s is not waited for. %s", key, error)
                continue
            found = read.setdefault(key, {})
            found |= dict.fromkeys(name for name in names if name is not None)
    return [
        Awaited(
            key,
            tuple(names),
            tuple(spec.name for spec in graph.nodes[key].check_specs if spec.is_blocking),
        )
        for key, names in read.items()
    ]


def missing(store: Store, awaited: Iterable[Awaited]) -> list[Missing]:
    """Those that are not materialized, or have a blocking check in their way, in partition order.

    A check is in the way while its newest answer is a failure, and after a new materialization
    until it is answered again; not where it was first asked later, since nobody will ask it then.
    """
    found: list[Missing] = []
    for each in awaited:
        states = store.partition_data_states(each.key, each.partitions)
        made_at = {
            name: states[name].materialized_at if name in states else None
            for name in each.partitions
        }
        answers = store.partition_check_states(each.key) if each.checks else []
        by_check = [(name, [a for a in answers if a.name == name]) for name in each.checks]
        for name, moment in made_at.items():
            why = (
                "nobody is known to have materialized"
                if moment is None
                else _in_the_way(name, moment, by_check)
            )
            if why is not None:
                found.append(Missing(each.key, name, why))
    return found


def _in_the_way(
    partition: str, made_at: datetime, by_check: Sequence[tuple[str, Sequence[CheckState]]]
) -> str | None:
    for name, answers in by_check:
        about = [
            a for a in answers if a.partition in (partition, None) and a.happened_at >= made_at
        ]
        newest = max(about, key=lambda answer: answer.happened_at, default=None)
        if newest is None:
            if any(answer.happened_at < made_at for answer in answers):
                return f"its blocking check {name} has not answered for yet"
        elif not newest.passed and newest.blocking and newest.severity == "ERROR":
            said = f": {newest.message}" if newest.message else ""
            return f"did not pass its blocking check {name}{said}"
    return None


def plain(awaited: Iterable[Awaited], at_most: int) -> list[list[object]]:
    """As what JSON knows, `at_most` partitions of all: the rest is asked for afterwards."""
    said: list[list[object]] = []
    for each in awaited:
        names = each.partitions[:at_most]
        at_most -= len(names)
        if names:
            said.append([str(each.key), list(names), list(each.checks)])
    return said


def from_plain(values: Iterable[Sequence[object]]) -> list[Awaited]:
    """What `plain` wrote."""
    return [
        Awaited(AssetKey.parse(str(key)), tuple(map(str, names)), tuple(map(str, checks)))
        for key, names, checks in values
        if isinstance(names, Sequence) and isinstance(checks, Sequence)
    ]


def still_missing(awaited: Iterable[Awaited], missed: Iterable[Missing]) -> list[Awaited]:
    """What is left to wait for."""
    left: Mapping[tuple[AssetKey, str], None] = dict.fromkeys((m.key, m.partition) for m in missed)
    rest = [
        each._replace(partitions=tuple(n for n in each.partitions if (each.key, n) in left))
        for each in awaited
    ]
    return [each for each in rest if each.partitions]
