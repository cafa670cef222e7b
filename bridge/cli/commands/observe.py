"""`bridge observe`: bring what other systems did into the store, once or for as long as it runs."""

from __future__ import annotations

import time
from datetime import datetime, timezone
from typing import TYPE_CHECKING, Annotated, cast

import typer

from bridge.cli import plain
from bridge.cli.findings import print_findings
from bridge.cli.options import DryRun, Json
from bridge.cli.session import Session, session_of
from bridge.cli.terminal import line
from bridge.cli.words import count
from bridge.errors import ConfigError, RemoteUnreachableError

if TYPE_CHECKING:
    from collections.abc import Iterable

    from bridge.capabilities import ObserveReport, Observes
    from bridge.events import AssetEvent
    from bridge.store import Store


def observe(
    context: typer.Context,
    instance: Annotated[
        str | None,
        typer.Option(
            envvar="BRIDGE_AIRFLOW_INSTANCE", help="Only this one; else all that the settings name."
        ),
    ] = None,
    follow: Annotated[bool, typer.Option("--follow", help="Go on until interrupted.")] = False,
    every: Annotated[float, typer.Option(min=1, help="Seconds between looks with --follow.")] = 15,
    as_json: Json = False,
    dry_run: DryRun = False,
) -> None:
    """Record what happened in another system.

    A task that finished there is a materialization of the assets that it writes.
    """
    from bridge.capabilities import Observes

    session = session_of(context)
    observers: list[Observes] = session.offering(Observes)
    if not observers:
        raise ConfigError(
            "No installed adapter observes. Reinstall airflow-asset-bridge: its Airflow adapter "
            "does."
        )
    names = _instances(session, instance)
    store = cast("Store", _Unwritten(session.store)) if dry_run else session.store
    while True:
        reports, errors = _look(session, observers, store, names)
        if not follow or errors or any(r.events_recorded or r.findings for r in reports):
            _print(session, reports, as_json=as_json, dry_run=dry_run, follow=follow)
        if not follow:
            if errors:
                raise errors[0]
            return
        for error in errors:
            session.terminal.note(line("warning", str(error)))
        time.sleep(every)


def _instances(session: Session, instance: str | None) -> list[str]:
    known = list(session.project.airflow)
    if instance is None:
        return known or ["airflow"]
    if known and instance not in known:
        raise ConfigError(
            f"The settings name no instance {instance!r}; there is: {', '.join(known)}."
        )
    return [instance]


def _look(
    session: Session, observers: list[Observes], store: Store, names: list[str]
) -> tuple[list[ObserveReport], list[RemoteUnreachableError]]:
    """What each instance brought; one that does not answer keeps no other from being asked."""
    now = datetime.now(timezone.utc)
    reports, errors = [], []
    for observer in observers:
        for name in names:
            try:
                reports.append(observer.observe(session.project, store, instance=name, now=now))
            except RemoteUnreachableError as error:  # noqa: PERF203 - a network call is dearer
                errors.append(error)
    return reports, errors


def _print(
    session: Session, reports: list[ObserveReport], *, as_json: bool, dry_run: bool, follow: bool
) -> None:
    if as_json:
        plain_reports = [_plain(report, dry_run=dry_run) for report in reports]
        session.terminal.json(plain_reports, indent=None if follow else 2)
        return
    for report in reports:
        verb = "to record, less those that are known" if dry_run else "recorded"
        session.terminal.say(
            line(
                "done",
                f"{report.instance}  {report.version}  "
                f"{count(report.attempts_seen, 'attempt')} seen, "
                f"{count(report.events_recorded, 'new event')} {verb}",
            )
        )
        print_findings(session.terminal.say, report.findings)


def _plain(report: ObserveReport, *, dry_run: bool) -> plain.Plain:
    return {
        "instance": report.instance,
        "version": report.version,
        "attempts_seen": report.attempts_seen,
        "events_recorded": 0 if dry_run else report.events_recorded,
        "findings": [plain.finding(found) for found in report.findings],
    }


class _Unwritten:
    """A store that answers as the real one and keeps nothing."""

    def __init__(self, real: Store) -> None:
        self._real = real

    def __getattr__(self, name: str) -> object:
        return getattr(self._real, name)

    def record(self, events: Iterable[AssetEvent], **_claim: object) -> int:
        """How many events there are."""
        return len(list(events))

    def set_cursor(self, name: str, value: str) -> None:
        """Nothing."""
