"""Which asset each legacy task writes and reads, as a person reviews and changes it."""

from datetime import date, timedelta
from typing import Literal, TypeAlias

from pydantic import BaseModel, ConfigDict

from bridge.errors import DefinitionError
from bridge.freshness import FreshnessPolicy
from bridge.keys import AssetKey
from bridge.migration import Unit
from bridge.migration.units import Granularity
from bridge.migration.units import PartitionBy as DateOfRun
from bridge.partitions import (
    DailyPartitionsDefinition,
    HourlyPartitionsDefinition,
    MonthlyPartitionsDefinition,
    TimePartitions,
    WeeklyPartitionsDefinition,
)

MAPPING_FORMAT: Literal[1] = 1

PartitionBy: TypeAlias = Literal["partition_key", "logical_date", "data_interval_start"]
PartitionsKind: TypeAlias = Literal["hourly", "daily", "weekly", "monthly", "none"]
MappingEvidence: TypeAlias = Literal[
    "declared", "sql", "argument", "name", "placeholder", "task", "dag", "person"
]
# What an asset stands for: ("uri", uri), ("task", dag, task) or ("dag", dag).
Thing: TypeAlias = tuple[str, ...]


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
    """One partition an hour, day, week or month from the first day on (and, exclusive, to the
    last), or `none`. `week_begins`: 0 for Sunday.
    """

    kind: PartitionsKind = "none"
    start: str | None = None
    end: str | None = None
    week_begins: int = 0
    timezone: str = "UTC"

    def definition(self) -> TimePartitions | None:
        """The partitions that the runs fill, None where there are none or no start is known."""
        if self.kind == "none" or self.start is None:
            return None
        span, zone = (self.start, self.end), self.timezone
        if self.kind == "weekly":
            return WeeklyPartitionsDefinition(*span, day_offset=self.week_begins, timezone=zone)
        if self.kind == "hourly":  # its keys have hours, its start and end are days
            first = date.fromisoformat(self.start)
            end = None if self.end is None else date.fromisoformat(self.end)
            return HourlyPartitionsDefinition(first, end, timezone=zone)
        if self.kind == "monthly":
            return MonthlyPartitionsDefinition(*span, timezone=zone)
        return DailyPartitionsDefinition(*span, timezone=zone)


class FreshnessEntry(_Form):
    """When an asset is late: by a deadline, or by its age. Suggested, and in force only where
    `confirmed`.
    """

    deadline_cron: str | None = None
    lower_bound_minutes: float | None = None
    timezone: str = "UTC"
    fail_window_minutes: float | None = None
    because: str | None = None
    confirmed: bool = False

    def policy(self) -> FreshnessPolicy:
        """As the core has it. Raises DefinitionError for what is no policy."""
        by_age = self.fail_window_minutes is not None
        if by_age == (self.deadline_cron is not None and self.lower_bound_minutes is not None):
            raise DefinitionError(
                "A freshness has either fail_window_minutes, or deadline_cron with "
                "lower_bound_minutes."
            )
        if self.fail_window_minutes is not None:
            return FreshnessPolicy.time_window(timedelta(minutes=self.fail_window_minutes))
        return FreshnessPolicy.cron(
            self.deadline_cron or "",
            timedelta(minutes=self.lower_bound_minutes or 0),
            self.timezone,
        )

    @property
    def words(self) -> str:
        """For people, on one line."""
        if self.fail_window_minutes is not None:
            return f"at most {timedelta(minutes=self.fail_window_minutes)} old"
        span = timedelta(minutes=self.lower_bound_minutes or 0)
        return f"by {self.deadline_cron} {self.timezone}, at most {span} old then"


class UnitEntry(_Form):
    """One legacy task. `after`: earlier tasks it follows, used as its inputs where its reads are
    not known.

    `together`: the last tasks of the DAG, where the whole DAG is one asset, which is made once all
    of them have succeeded in a run. Such a task is observed, and cannot be moved alone.
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
    together: tuple[str, ...] = ()
    partition_by: PartitionBy = "logical_date"
    partitions: PartitionsEntry = PartitionsEntry()
    freshness: FreshnessEntry | None = None
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


class KeptName(_Form):
    """A name that a person gave an asset of another granularity; it is used again there."""

    granularity: Granularity
    uri: str | None = None
    dag: str | None = None
    task: str | None = None
    asset: str

    @property
    def thing(self) -> Thing:
        """What the asset stands for."""
        if self.uri is not None:
            return ("uri", self.uri)
        return ("dag", self.dag or "") if self.task is None else ("task", self.dag or "", self.task)

    @classmethod
    def of(cls, granularity: Granularity, thing: Thing, asset: str) -> "KeptName":
        """The name of a thing."""
        fields = dict(
            zip((thing[0] if thing[0] == "uri" else "dag", "task"), thing[1:], strict=False)
        )
        return cls(granularity=granularity, asset=asset, **fields)


class Mapping(_Form):
    """The whole file. `granularity` says what of a DAG is one asset."""

    format: Literal[1] = MAPPING_FORMAT
    instance: str
    folder: str | None = None
    granularity: Granularity = "dataset"
    kept: tuple[KeptName, ...] = ()
    units: tuple[UnitEntry, ...] = ()
    sources: tuple[SourceEntry, ...] = ()

    def keys_by_uri(self) -> dict[str, tuple[str, ...]]:
        """URI -> the assets that hold it: those of its writers, else that of the source."""
        found: dict[str, dict[str, None]] = {}
        for unit in self.units:
            for write in unit.writes:
                if write.uri is not None and not unit.gone:
                    found.setdefault(write.uri, {})[write.asset] = None
        for source in self.sources:
            found.setdefault(source.uri, {source.asset: None})
        return {uri: tuple(assets) for uri, assets in found.items()}

    def names(self) -> dict[Thing, str]:
        """What each asset stands for -> its name."""
        found: dict[Thing, str] = {("uri", each.uri): each.asset for each in self.sources}
        for unit in self.units:
            for write in unit.writes:
                found[thing_of(unit, write, self.granularity)] = write.asset
        return found


def thing_of(unit: UnitEntry, write: WriteEntry, granularity: Granularity) -> Thing:
    """What the asset that a task writes stands for."""
    if granularity == "dag":
        return ("dag", unit.dag)
    if granularity == "task" or write.uri is None:
        return ("task", unit.dag, unit.task)
    return ("uri", write.uri)


def unit_name(instance: str, dag_id: str, task_id: str) -> str:
    """`<instance>:<dag_id>.<task_id>`."""
    return f"{instance}:{dag_id}.{task_id}"


def units_of(mapping: Mapping) -> tuple[Unit, ...]:
    """The tasks that write something of their own, as the core knows them."""
    return tuple(
        Unit(
            name=unit_name(mapping.instance, entry.dag, entry.task),
            assets=entry.assets,
            partition_by=entry.date_of_run,
            is_mapped=entry.mapped,
            result_users=entry.xcom_consumers,
        )
        for entry in mapping.units
        if entry.writes and not entry.gone and not entry.together
    )
