"""Observable assets of a mapping file: what a user's `Definitions` holds of a legacy Airflow,
without its DAG files.
"""

import os
import re
from collections.abc import Mapping as MappingType
from dataclasses import dataclass
from pathlib import Path

from adapters.airflow.legacy.circles import Circle, circles_of
from adapters.airflow.legacy.mapping import (
    Mapping,
    PartitionsEntry,
    UnitEntry,
    WriteEntry,
    unit_name,
)
from adapters.airflow.legacy.mapping_file import load_mapping
from adapters.airflow.legacy.snapshot import Finding
from bridge.freshness import FreshnessPolicy
from bridge.keys import AssetKey
from bridge.partitions import TimePartitions
from bridge.places import Place
from bridge.specs import AssetSpec
from bridge.uris import canonical

_EVIDENCE = {
    "declared": "declared in the DAG",
    "sql": "read from its SQL",
    "argument": "read from an operator's argument",
    "name": "guessed from its name",
    "placeholder": "its name has a blank to be filled in",
    "task": "the task itself; what it writes is not known",
    "dag": "the DAG as a whole",
    "person": "said in the mapping file",
}
_OPENED_AT_MOST = 3
_MAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")


@dataclass(frozen=True, slots=True, kw_only=True)
class AssetCircle:
    """Assets that are made of each other, the DAGs that make them, and what to say of it."""

    dags: frozenset[str]
    finding: Finding


@dataclass(frozen=True, slots=True, kw_only=True)
class ObservedAssets:
    """The assets of one mapping, in the order of their keys; of circles, a step is left out."""

    specs: tuple[AssetSpec, ...]
    circles: tuple[AssetCircle, ...] = ()

    @property
    def edges(self) -> int:
        """Dependencies between them."""
        return sum(len(spec.deps) for spec in self.specs)


def load_airflow_assets(path_to_mapping_yaml: str | os.PathLike[str]) -> list[AssetSpec]:
    """The assets of a mapping file, for `Definitions(assets=[...])`; needs neither Airflow nor the
    DAG files.

    Raises ConfigError if the file is not there or is no mapping.
    """
    path = Path(path_to_mapping_yaml)
    return list(observed_assets(load_mapping(path), file=str(path)).specs)


def observed_assets(mapping: Mapping, file: str = "") -> ObservedAssets:
    """One asset per key: written by its units, or a source that they read. A dependency that would
    close a circle is left out.
    """
    writers: dict[AssetKey, list[tuple[UnitEntry, WriteEntry]]] = {}
    for unit in mapping.units:
        if not unit.gone:
            for write in unit.writes:
                writers.setdefault(write.key, []).append((unit, write))
    by_uri = {
        uri: {AssetKey.parse(asset) for asset in assets}
        for uri, assets in mapping.keys_by_uri().items()
    }
    earlier = {(unit.dag, unit.task): unit for unit in mapping.units}
    wanted = {key: _deps(key, found, earlier, by_uri) for key, found in writers.items()}
    circles = circles_of((one, key) for key, inputs in wanted.items() for one in inputs)
    opened = {step for circle in circles for step in circle.opened}
    deps = {
        key: sorted(one for one in inputs if (one, key) not in opened)
        for key, inputs in wanted.items()
    }
    place = Place(file, 1)
    specs = [_written(mapping, key, found, deps[key], place) for key, found in writers.items()]
    read = {key for inputs in deps.values() for key in inputs} | {
        AssetKey.parse(each.asset) for each in mapping.sources
    }
    uri_of = {key: uri for uri, keys in sorted(by_uri.items(), reverse=True) for key in keys}
    specs += [_source(key, uri_of.get(key), place) for key in read if key not in writers]
    return ObservedAssets(
        specs=tuple(sorted(specs, key=lambda spec: spec.key)),
        circles=tuple(_in_a_circle(circle, writers) for circle in circles),
    )


def _deps(
    key: AssetKey,
    found: list[tuple[UnitEntry, WriteEntry]],
    earlier: MappingType[tuple[str, str], UnitEntry],
    by_uri: MappingType[str, set[AssetKey]],
) -> set[AssetKey]:
    """Assets of what its units read, for this write if that is known; else those of the tasks
    before it.
    """
    inputs: set[AssetKey] = set()
    for unit, write in found:
        reads = (
            [each.uri for each in unit.reads] if write.made_from is None else list(write.made_from)
        )
        for uri in reads:
            inputs |= by_uri.get(uri) or {_key_of(uri)}
        for task in unit.after:
            if (unit.dag, task) in earlier:
                inputs |= set(earlier[unit.dag, task].assets)
    return inputs - {key}


def _key_of(uri: str) -> AssetKey:
    """A read that a person added and gave no source entry."""
    dataset = canonical(uri)
    return AssetKey([part for part in (dataset.authority, *dataset.path.split("/")) if part])


def _in_a_circle(
    circle: Circle[AssetKey], writers: MappingType[AssetKey, list[tuple[UnitEntry, WriteEntry]]]
) -> AssetCircle:
    dags = {unit.dag for key in circle.things for unit, _ in writers[key]}
    way = " -> ".join(str(key) for key in (*circle.way, circle.way[0]))
    opened = [f"{downstream} without {upstream}" for upstream, downstream in circle.opened]
    more = len(opened) - _OPENED_AT_MOST
    shown = ", ".join(opened[:_OPENED_AT_MOST]) + (f" and {more} more such" if more > 0 else "")
    return AssetCircle(
        dags=frozenset(dags),
        finding=Finding(
            severity="warning",
            code="circle",
            message=f"tasks read each other's data in a circle ({way}); shown is {shown}",
            dag_id=min(dags) if len(dags) == 1 else None,
        ),
    )


def _written(
    mapping: Mapping,
    key: AssetKey,
    found: list[tuple[UnitEntry, WriteEntry]],
    deps: list[AssetKey],
    place: Place,
) -> AssetSpec:
    unit, write = found[0]
    names = tuple(unit_name(mapping.instance, each.dag, each.task) for each, _ in found)
    short_names = ", ".join(f"{each.dag}.{each.task}" for each, _ in found)
    metadata: dict[str, object] = {
        "evidence": write.evidence,
        "confidence": write.confidence,
        "operator": unit.operator,
    }
    if write.at or unit.at:
        metadata["source"] = write.at or unit.at
    uris = sorted({each.uri for _, each in found if each.uri is not None})
    if len(uris) > 1:  # a task or a DAG as one asset
        metadata["datasets"] = ", ".join(uris)
    return AssetSpec(
        key,
        deps=deps,
        description=f"Written by {short_names}; {_EVIDENCE[write.evidence]}.",
        group_name=_group(unit.dag),
        owners=_owners([owner for each, _ in found for owner in each.owners]),
        kinds={"airflow", *(canonical(uri).scheme for uri in uris)},
        metadata=metadata,
        partitions_def=_partitions([each.partitions for each, _ in found]),
        freshness_policy=_freshness([each for each, _ in found]),
        uri=uris[0] if len(uris) == 1 else None,
        produced_by=names,
        place=place,
    )


def _source(key: AssetKey, uri: str | None, place: Place) -> AssetSpec:
    scheme = {canonical(uri).scheme} if uri is not None else set()
    return AssetSpec(
        key,
        description="Read by Airflow tasks; no known task writes it.",
        group_name=_group(key.path[0]) if len(key.path) > 1 else None,
        kinds=scheme,
        uri=uri,
        place=place,
    )


def _group(name: str) -> str:
    return re.sub(r"[^A-Za-z0-9_]", "_", name) or "airflow"


def _owners(names: list[str]) -> tuple[str, ...]:
    """Mail addresses as they are, other names as teams; Airflow's own default is nobody."""
    wanted = dict.fromkeys(
        name.strip()
        for text in names
        for name in text.split(",")
        if name.strip() not in ("", "airflow")
    )
    return tuple(
        name if _MAIL.fullmatch(name) else "team:" + re.sub(r"\s+", "-", name) for name in wanted
    )


def _freshness(units: list[UnitEntry]) -> FreshnessPolicy | None:
    """The first that a person has confirmed."""
    return next(
        (
            unit.freshness.policy()
            for unit in units
            if unit.freshness is not None and unit.freshness.confirmed
        ),
        None,
    )


def _partitions(entries: list[PartitionsEntry]) -> TimePartitions | None:
    """From the earliest start of its units, if all have the same partitions in one zone; else
    none.
    """
    if len({(entry.kind, entry.week_begins, entry.timezone) for entry in entries}) > 1:
        return None
    starts, ends = [entry.start for entry in entries], [entry.end for entry in entries]
    if None in starts:
        return None
    widest = {
        "start": min(start for start in starts if start is not None),
        "end": None if None in ends else max(end for end in ends if end is not None),
    }
    return entries[0].model_copy(update=widest).definition()
