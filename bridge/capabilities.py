"""What an adapter can offer: small protocols, found through the entry points `bridge.adapters`.

An adapter is one object with a `name` and any of these methods. The core never imports an adapter.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from importlib.metadata import EntryPoint, entry_points
from pathlib import Path
from typing import Protocol, TypeAlias, runtime_checkable

from bridge.automation.location import Automation
from bridge.errors import ConfigError
from bridge.execution import Plan
from bridge.findings import Finding
from bridge.graph import AssetGraph
from bridge.keys import AssetKey
from bridge.migration import Gate, Unit
from bridge.migration.units import Granularity
from bridge.project import Project
from bridge.runs import RemotePart, RemoteRun, Run
from bridge.store import Store

GROUP = "bridge.adapters"
# Hears how many files, or DAGs of a running system, are read, and of how many.
FilesRead: TypeAlias = Callable[[int, int], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportedDag:
    """One row of an import's report.

    `outputs_known` of `outputs` tasks that write have a known dataset.
    """

    dag_id: str
    tasks: int
    schedule: str
    outputs_known: int
    outputs: int
    how: tuple[str, ...]
    notes: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportReport:
    """What was read of a legacy code base.

    Nothing is written yet: `mapping_text` is what would be, where the file says `mapping_was`
    still (None: there is no file). `page` makes the report as one HTML
    document. `dags` are those that were asked for, of `dags_in_all`. `asked`: which running system,
    in how many requests. `policies_suggested`: freshness policies that wait to be confirmed.
    `limits_held`: what kept the files from doing harm as they were run; `limits_refused`: what this
    machine does not offer of that.
    """

    source: str
    dags: tuple[ImportedDag, ...]
    dags_in_all: int
    assets: int
    edges: int
    unmapped_tasks: int
    findings: tuple[Finding, ...]
    snapshot_json: str
    mapping_path: Path
    mapping_text: str
    mapping_entries: int
    page: Callable[[], str]
    asked: str | None = None
    policies_suggested: int = 0
    files_unread: int = 0
    limits_held: tuple[str, ...] = ()
    limits_refused: tuple[str, ...] = ()
    mapping_was: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class GeneratedFile:
    """A file as it should be; `path` is absolute."""

    path: Path
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Generated:
    """Files as they should be, and what of the definitions they cannot say.

    `in_the_way` are files that may be on disk and must not stay beside these.
    """

    files: tuple[GeneratedFile, ...]
    findings: tuple[Finding, ...] = ()
    in_the_way: tuple[Path, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ObserveReport:
    """What one look at an instance brought."""

    instance: str
    version: str
    attempts_seen: int
    events_recorded: int
    findings: tuple[Finding, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ConnectionAddress:
    """Where a connection of a legacy system leads; who asks there, and how, is not kept.

    `kind` is the system's word (`postgres`, `gcpbigquery`), `host` a name or, for a database in a
    file, its path; `database` is what Airflow calls the schema.
    """

    kind: str
    host: str = ""
    port: int | None = None
    database: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Supplied:
    """What may be known of the settings of legacy code while it is read; all else is assumed."""

    variables: Mapping[str, object] = field(default_factory=dict)
    environment: Mapping[str, str] = field(default_factory=dict)
    connections: Mapping[str, ConnectionAddress] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class LegacyAddress:
    """Where a running system answers, and who asks; without a URL, as the settings say."""

    url: str | None = None
    username: str | None = None
    password: str | None = field(default=None, repr=False)
    token: str | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class LegacySource:
    """What to read: code in a folder (or file), a running system, or both, of which one is made.

    `loaded_by`: a Python that has the system and loads the code too, which runs it uncontained.
    `names`: only the DAGs whose name matches, with `*` and `?`.
    """

    folder: Path | None = None
    loaded_by: Path | None = None
    running: LegacyAddress | None = None
    names: str | None = None


@runtime_checkable
class ImportsLegacy(Protocol):
    """Reads a legacy code base, in processes apart, and what a running system says of it."""

    def import_legacy(
        self,
        source: LegacySource,
        *,
        instance: str,
        project: Project,
        supplied: Supplied,
        granularity: Granularity | None,
        progress: FilesRead,
    ) -> ImportReport:
        """What is there. Without a granularity: as it was imported before, else by dataset.

        Raises ImportReadError where nothing can be read, RemoteUnreachableError where a running
        system gives no usable answer.
        """
        ...

    def differences(self, before: str, after: str) -> Sequence[str]:
        """How two snapshots differ, a line each: `+ etl.load`, `- etl.load`, `~ etl.load  what`.

        Raises ImportReadError for a text that is no snapshot.
        """
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Carried:
    """The schedules, by name, and the assets whose conditions another system asks for us."""

    schedules: frozenset[str] = frozenset()
    conditions: frozenset[AssetKey] = frozenset()


@runtime_checkable
class Generates(Protocol):
    """Turns the asset graph into files that another system runs."""

    def generate(self, graph: AssetGraph, project: Project, automation: Automation) -> Generated:
        """All files as they should be; nothing is written.

        Raises DefinitionError for what cannot be said there.
        """
        ...


@runtime_checkable
class Carries(Protocol):
    """Has another system ask schedules and conditions of ours."""

    def carried(self, graph: AssetGraph, project: Project, automation: Automation) -> Carried:
        """What is asked there and must not be asked here, too, as the project's settings say.

        Raises DefinitionError for what cannot be said there.
        """
        ...


@runtime_checkable
class Observes(Protocol):
    """Brings what another system did into the store."""

    def observe(
        self, project: Project, store: Store, *, instance: str, now: datetime
    ) -> ObserveReport:
        """Record what is new. Raises RemoteUnreachableError."""
        ...


class Launcher(Protocol):
    """One instance of a system that does runs of ours. Every call may be repeated.

    All raise RemoteUnreachableError where it does not answer.
    """

    def takes_ranges(self, keys: Sequence[AssetKey]) -> bool:
        """Whether it does many partitions of these assets best in one run."""
        ...

    def require_ready(self, keys: Sequence[AssetKey]) -> None:
        """Raise RefusedError where it could not begin to compute these assets now."""
        ...

    def parts(self, run: Run, todo: Plan) -> tuple[RemotePart, ...]:
        """What it would start for a run that does these steps; nothing is started.

        Raises DefinitionError or RefusedError for what it cannot do.
        """
        ...

    def carry_on(self, run: Run, *, is_held: bool = False, at_most: int | None = None) -> RemoteRun:
        """Look at what was started for a run, start what can be, end what is to be canceled.

        With `is_held` nothing new begins; `at_most` parts go on at a time.
        """
        ...

    def close(self) -> None:
        """Close connections."""
        ...


@runtime_checkable
class Launches(Protocol):
    """Has another system do runs of ours."""

    name: str

    def launcher(
        self, project: Project, graph: AssetGraph, automation: Automation, *, instance: str
    ) -> Launcher:
        """One instance of it. Raises ConfigError and RemoteUnreachableError."""
        ...


@runtime_checkable
class KnowsUnits(Protocol):
    """Knows the legacy tasks that were imported, and what stands in the way of moving one."""

    def units(self, project: Project) -> Sequence[Unit]:
        """All units of all imported instances."""
        ...

    def gates(self, unit: Unit, project: Project) -> Sequence[Gate]:
        """What the other system has to say about cutting this unit over."""
        ...


@runtime_checkable
class LinksSources(Protocol):
    """Knows the page on which another system shows what an event comes from, and its log."""

    def links(self, sources: Collection[str], project: Project) -> Mapping[str, str]:
        """The URL for each of these sources that has one; where nothing answers, there is none."""
        ...


@runtime_checkable
class Diagnoses(Protocol):
    """Looks for what is wrong with its side of an installation."""

    def diagnose(self, project: Project) -> Sequence[Finding]:
        """One finding a thing looked at; a note means that it is well."""
        ...


def carried_by(
    adapters: Iterable[object], graph: AssetGraph, project: Project, automation: Automation
) -> Carried:
    """What any of these adapters' systems ask for us. Raises DefinitionError."""
    found = [
        adapter.carried(graph, project, automation)
        for adapter in adapters
        if isinstance(adapter, Carries)
    ]
    return Carried(
        schedules=frozenset[str]().union(*(each.schedules for each in found)),
        conditions=frozenset[AssetKey]().union(*(each.conditions for each in found)),
    )


def adapters() -> list[object]:
    """One object of every installed adapter.

    Raises ConfigError, naming it, for one that does not load.
    """
    return [_load(point) for point in sorted(entry_points(group=GROUP), key=lambda p: p.name)]


def _load(point: EntryPoint) -> object:
    try:
        return point.load()()
    except ImportError as error:
        raise ConfigError(
            f"The adapter {point.name} does not load: {error}. Reinstall airflow-asset-bridge with "
            "its extra."
        ) from error
