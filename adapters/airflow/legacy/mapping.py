"""The mapping file `migration/<instance>.yaml`: which asset each legacy task writes, for a person
to review and change.
"""

import os
import tempfile
from pathlib import Path
from typing import Literal, TypeAlias

import yaml
from pydantic import BaseModel, ConfigDict, ValidationError

from bridge.errors import ConfigError, DefinitionError
from bridge.keys import AssetKey
from bridge.migration import Unit
from bridge.migration.units import PartitionBy as DateOfRun
from bridge.partitions import DailyPartitionsDefinition
from bridge.project import Project

MAPPING_FORMAT: Literal[1] = 1
# libyaml reads three times as fast; the wheels of PyYAML have it.
_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)

PartitionBy: TypeAlias = Literal["partition_key", "logical_date", "data_interval_start"]
MappingEvidence: TypeAlias = Literal["declared", "sql", "argument", "name", "task", "person"]

_HEADER = """\
# Which assets the tasks of the Airflow {instance!r} write and read. Made by `bridge import
# airflow`; yours to change. An entry with `confirmed: true` is never touched again; in the others a
# changed `asset` is kept, the rest is renewed.
"""


class _Form(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True)


class WriteEntry(_Form):
    """One asset a task writes. `uri` is None for a task whose datasets are not known: the asset is
    the task itself.

    `made_from`: URIs it is made from, where that is narrower than all the task reads.
    """

    asset: str
    uri: str | None = None
    evidence: MappingEvidence = "person"
    confidence: float = 1.0
    at: str | None = None
    made_from: tuple[str, ...] | None = None

    @property
    def key(self) -> AssetKey:
        """The asset's key."""
        return AssetKey.parse(self.asset)


class ReadEntry(_Form):
    """One dataset a task reads; its asset is that of whoever writes the URI, else the one under
    `sources`.
    """

    uri: str
    evidence: MappingEvidence = "person"
    confidence: float = 1.0
    at: str | None = None


class PartitionsEntry(_Form):
    """`daily` with the first day (and, exclusive, the last), or `none`."""

    kind: Literal["daily", "none"] = "none"
    start: str | None = None
    end: str | None = None
    timezone: str = "UTC"

    def definition(self) -> DailyPartitionsDefinition | None:
        """The partitions that the runs fill, None where there are none or no start is known."""
        if self.kind == "none" or self.start is None:
            return None
        return DailyPartitionsDefinition(self.start, self.end, timezone=self.timezone)


class UnitEntry(_Form):
    """One legacy task. `after`: earlier tasks it follows, used as its inputs where its reads are
    not known.
    """

    dag: str
    task: str
    operator: str = ""
    at: str | None = None
    group: str | None = None
    owners: tuple[str, ...] = ()
    writes: tuple[WriteEntry, ...] = ()
    reads: tuple[ReadEntry, ...] = ()
    after: tuple[str, ...] = ()
    partition_by: PartitionBy = "logical_date"
    partitions: PartitionsEntry = PartitionsEntry()
    mapped: bool = False
    xcom_consumers: tuple[str, ...] = ()
    gone: bool = False
    confirmed: bool = False

    @property
    def assets(self) -> tuple[AssetKey, ...]:
        """The keys of what it writes, each once."""
        return tuple(dict.fromkeys(write.key for write in self.writes))

    @property
    def date_of_run(self) -> DateOfRun:
        """The time of its run whose date is the partition.

        A run that carries a partition key is filed under it whatever this says.
        """
        by_interval = self.partition_by == "data_interval_start"
        return "data_interval_start" if by_interval else "logical_date"


class SourceEntry(_Form):
    """A dataset that tasks read and none writes, and the asset it is."""

    asset: str
    uri: str


class Mapping(_Form):
    """The whole file."""

    format: Literal[1] = MAPPING_FORMAT
    instance: str
    folder: str | None = None
    units: tuple[UnitEntry, ...] = ()
    sources: tuple[SourceEntry, ...] = ()

    def keys_by_uri(self) -> dict[str, str]:
        """URI -> asset, as the file has it; a writer's word counts before a source's."""
        found = {source.uri: source.asset for source in self.sources}
        found.update(
            {
                write.uri: write.asset
                for unit in self.units
                for write in unit.writes
                if write.uri is not None
            }
        )
        return found


def unit_name(instance: str, dag_id: str, task_id: str) -> str:
    """`<instance>:<dag_id>.<task_id>`."""
    return f"{instance}:{dag_id}.{task_id}"


def mapping_path(project: Project, instance: str) -> Path:
    """Where the mapping of one Airflow is kept."""
    return project.migration / f"{instance}.yaml"


def units_of(mapping: Mapping) -> tuple[Unit, ...]:
    """The tasks that write something, as the core knows them."""
    return tuple(
        Unit(
            name=unit_name(mapping.instance, entry.dag, entry.task),
            assets=entry.assets,
            partition_by=entry.date_of_run,
            is_mapped=entry.mapped,
            result_users=entry.xcom_consumers,
        )
        for entry in mapping.units
        if entry.writes and not entry.gone
    )


def merge(old: Mapping, new: Mapping) -> Mapping:
    """A re-import: confirmed entries stay as they are, keys stay with their URIs, everything else
    is as newly read.

    A confirmed entry whose task is gone stays too, marked `gone`. Raises ConfigError if the two are
    of different instances.
    """
    if old.instance != new.instance:
        message = (
            f"The mapping is of the Airflow {old.instance!r}, the import of {new.instance!r}. "
            "Write the import to a file of its own."
        )
        raise ConfigError(message)
    confirmed = {(unit.dag, unit.task): unit for unit in old.units if unit.confirmed}
    before = {(unit.dag, unit.task): unit for unit in old.units}
    names = old.keys_by_uri()
    units = [
        confirmed.get((unit.dag, unit.task))
        or _renamed(unit, names, before.get((unit.dag, unit.task)))
        for unit in new.units
    ]
    present = {(unit.dag, unit.task) for unit in new.units}
    units += [
        unit.model_copy(update={"gone": True})
        for place, unit in confirmed.items()
        if place not in present
    ]
    units = [
        unit.model_copy(update={"gone": False})
        if (unit.dag, unit.task) in present and unit.gone
        else unit
        for unit in units
    ]
    sources = [
        source.model_copy(update={"asset": names.get(source.uri, source.asset)})
        for source in new.sources
    ]
    return new.model_copy(
        update={
            "units": tuple(sorted(units, key=lambda unit: (unit.dag, unit.task))),
            "sources": tuple(sorted(sources, key=lambda source: source.asset)),
        }
    )


def _renamed(unit: UnitEntry, names: dict[str, str], before: UnitEntry | None) -> UnitEntry:
    own = (
        next((write.asset for write in before.writes if write.uri is None), None)
        if before
        else None
    )
    writes = tuple(
        write.model_copy(
            update={"asset": names.get(write.uri, write.asset) if write.uri else own or write.asset}
        )
        for write in unit.writes
    )
    return unit.model_copy(update={"writes": writes})


def to_yaml(mapping: Mapping) -> str:
    """The file's text; equal mappings give equal bytes."""
    data = mapping.model_dump(mode="json", exclude_defaults=True)
    ordered = {"format": mapping.format, **{name: data[name] for name in data if name != "format"}}
    body = yaml.safe_dump(
        ordered, sort_keys=False, allow_unicode=True, width=110, default_flow_style=False
    )
    return _HEADER.format(instance=mapping.instance) + str(body)


def from_yaml(text: str, place: str = "the mapping") -> Mapping:
    """Raises ConfigError, naming the entry, for what is no mapping of this version."""
    try:
        data = yaml.load(text, Loader=_LOADER)  # noqa: S506 - a safe one
    except yaml.YAMLError as error:
        raise ConfigError(f"{place} is no YAML: {' '.join(str(error).split())}") from error
    if not isinstance(data, dict):
        raise ConfigError(
            f"{place} is no mapping file. Make one with `bridge import airflow FOLDER`."
        )
    try:
        mapping = Mapping.model_validate(data)
        for unit in mapping.units:
            _ = unit.assets
    except (ValidationError, DefinitionError) as error:
        raise ConfigError(f"{place}: {_first_problem(error)}") from error
    seen: set[tuple[str, str]] = set()
    for unit in mapping.units:
        if (unit.dag, unit.task) in seen:
            raise ConfigError(
                f"{place} has two entries for {unit.dag}.{unit.task}. Keep one of them."
            )
        seen.add((unit.dag, unit.task))
    return mapping


def _first_problem(error: ValidationError | DefinitionError) -> str:
    if isinstance(error, DefinitionError):
        return str(error)
    first = error.errors()[0]
    return f"{'.'.join(str(part) for part in first['loc'])}: {first['msg']}"


def load_mapping(path: str | os.PathLike[str]) -> Mapping:
    """The mapping in the file. Raises ConfigError if it is not there or cannot be read."""
    place = Path(path)
    try:
        text = place.read_text(encoding="utf-8")
    except OSError as error:
        message = (
            f"There is no mapping {place} to read ({error.strerror}). "
            "Make it with `bridge import airflow FOLDER`."
        )
        raise ConfigError(message) from error
    return from_yaml(text, str(place))


def save(mapping: Mapping, path: str | os.PathLike[str]) -> None:
    """Write the file as a whole or not at all."""
    place = Path(path)
    place.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.NamedTemporaryFile(
        "w", encoding="utf-8", dir=place.parent, prefix=f".{place.name}.", delete=False
    ) as file:
        file.write(to_yaml(mapping))
    Path(file.name).replace(place)
