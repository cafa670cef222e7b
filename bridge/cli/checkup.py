"""What `doctor` looks at, one look a function; none stops the others."""

from __future__ import annotations

import importlib.metadata
import platform
import sys
import time
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import bridge
from bridge.cli.files import differing
from bridge.cli.session import Session
from bridge.cli.words import count, duration, listed
from bridge.errors import BridgeError
from bridge.findings import Finding

if TYPE_CHECKING:
    from bridge.findings import FindingLevel

DISTRIBUTION = "airflow-asset-bridge"
_OURS = Path(bridge.__file__).parent.parent
_PACKAGES = ("bridge", "adapters")

Look = Callable[[Session], Iterable[Finding]]


def examine(session: Session) -> Iterator[Finding]:
    """Everything, in the order in which one thing needs another."""
    said: set[str] = set()
    for look in LOOKS:
        for found in _findings(look, session):
            if found.message not in said:  # two looks may stumble over one thing
                said.add(found.message)
                yield found


def _findings(look: Look, session: Session) -> Iterator[Finding]:
    try:
        yield from look(session)
    except BridgeError as error:
        yield _found("problem", look, str(error))


def versions(session: Session) -> Iterator[Finding]:
    """Python, us, and where the settings are."""
    try:
        installed = importlib.metadata.version(DISTRIBUTION)
    except importlib.metadata.PackageNotFoundError:
        installed = None
    python = platform.python_version()
    text = f"Python {python}, bridge {bridge.__version__}, {session.shown_root()}"
    if session.project.file is None:
        yield _found("warning", versions, text, hint=session.command("init"))
    else:
        yield _found("note", versions, text)
    if installed is None:
        yield _found(
            "warning",
            versions,
            f"{DISTRIBUTION} is not installed in {sys.prefix}, so no adapter is found",
        )
    elif installed != bridge.__version__:
        yield _found(
            "problem",
            versions,
            f"{DISTRIBUTION} {installed} is installed, but bridge {bridge.__version__} is imported "
            f"from {_OURS}",
        )


def packages(_session: Session) -> Iterator[Finding]:
    """Packages of other people that are called as ours are."""
    folders = list(
        dict.fromkeys([str(Path.cwd()), *(entry or str(Path.cwd()) for entry in sys.path)])
    )
    for name in _PACKAGES:
        for folder in folders:
            found = _foreign(Path(folder), name)
            if found is not None:
                yield _found(
                    "problem",
                    packages,
                    f"{found} is called {name!r}, as a package of ours is: one hides the other",
                    hint="rename it, or keep its folder off the path",
                )


def store(session: Session) -> Iterator[Finding]:
    """Whether the store answers, how fast, and what had died."""
    from bridge.execution import fail_dead_runs
    from bridge.store import open_store, schema

    begin = time.perf_counter()
    opened = open_store(session.project.store_url)
    try:
        opened.runs(limit=1)
        took = duration(time.perf_counter() - begin)
        yield _found("note", store, f"store {opened.url}, schema {schema.HEAD}, {took}")
        dead = fail_dead_runs(opened, session.now)
        if dead:
            yield _found(
                "warning",
                store,
                f"{count(len(dead), 'run')} had died unnoticed: {listed([run.id for run in dead])}",
                hint=session.command("status"),
            )
    finally:
        opened.close()


def locations(session: Session) -> Iterator[Finding]:
    """Each code location alone, then all of them as one graph."""
    begin = time.perf_counter()
    names = session.project.definitions
    broken = False
    for name in names:
        try:
            session.load([name])
        except BridgeError as error:  # noqa: PERF203 - the other locations are looked at too
            broken = True
            yield _found("problem", locations, str(error), about=name)
    if broken:
        return
    graph = session.declared_graph
    took = duration(time.perf_counter() - begin)
    load = "loads" if len(names) == 1 else "load"
    yield _found(
        "note",
        locations,
        f"{count(len(names), 'code location')} {load}, {count(len(graph), 'asset')}, {took}",
    )
    unowned = sum(not node.spec.owners for node in graph)
    if unowned:
        have = "has" if unowned == 1 else "have"
        yield _found(
            "warning",
            locations,
            f"{count(unowned, 'asset')} {have} no owner",
            hint=session.command("list --no-owner"),
        )


def generated(session: Session) -> Iterator[Finding]:
    """Whether generated files on disk are as they would be now; nothing where none were written."""
    found = differing(session)
    if found is None:
        return
    if not found:
        yield _found("note", generated, "generated files are as on disk")
        return
    differ = "differs" if len(found) == 1 else "differ"
    yield _found(
        "problem",
        generated,
        f"{count(len(found), 'generated file')} {differ} from disk",
        hint=f"{session.command('generate --check')} shows the diff, "
        f"{session.command('generate')} writes it",
    )


def adapters(session: Session) -> Iterator[Finding]:
    """What adapters say of their side."""
    from bridge.capabilities import Diagnoses

    offered: list[Diagnoses] = session.offering(Diagnoses)
    for diagnoses in offered:
        try:
            yield from diagnoses.diagnose(session.project)
        except BridgeError as error:  # noqa: PERF203 - the other adapters are asked too
            yield _found(
                "problem", adapters, str(error), about=str(getattr(diagnoses, "name", "")) or None
            )


def daemon(session: Session) -> Iterator[Finding]:
    """Whether somebody asks what is on, and what failed there; nothing where nothing is on."""
    from bridge.cli.words import ago
    from bridge.daemon.coming import instigators_of
    from bridge.daemon.leading import LEASE

    states = session.store.instigators()
    found = instigators_of(session.automation, session.declared_graph, states)
    on = [each.name for each in found if each.is_on]
    if not on:
        return
    lease = session.store.lease(LEASE)
    if lease is not None and lease.is_alive:
        yield _found("note", daemon, f"a daemon leads, {len(on):,} on: {listed(on)}")
    else:
        last = (
            ""
            if lease is None
            else f", the last heartbeat was {ago(lease.renewed_at, session.now)}"
        )
        yield _found(
            "warning",
            daemon,
            f"no daemon runs{last}, so nobody asks {listed(on)}",
            hint=session.command("daemon"),
        )
    for name in on:
        if name in states and states[name].last_status == "failure":
            yield _found(
                "warning",
                daemon,
                f"{name} failed when it was asked last",
                hint=session.command(f"automation ticks {name}"),
            )


LOOKS: tuple[Look, ...] = (versions, packages, store, locations, daemon, generated, adapters)


def _foreign(folder: Path, name: str) -> Path | None:
    """A module or package of this name that is not ours in one folder of the path."""
    if folder.resolve() == _OURS.resolve():
        return None
    module, package = folder / f"{name}.py", folder / name
    if module.is_file():
        return module
    try:
        is_package = package.is_dir() and any(package.glob("*.py"))
    except OSError:
        return None
    return package if is_package else None


def _found(
    level: FindingLevel,
    look: Look,
    message: str,
    *,
    about: str | None = None,
    hint: str | None = None,
) -> Finding:
    return Finding(
        level=level, code=f"doctor-{look.__name__}", message=message, about=about, hint=hint
    )
