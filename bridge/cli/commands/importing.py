"""`bridge import`: read a legacy code base into a mapping of its tasks to assets."""

from __future__ import annotations

from enum import Enum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from bridge.cli.files import write
from bridge.cli.files_bar import FilesBar
from bridge.cli.import_report import print_report
from bridge.cli.legacy_source import address_of, source_of
from bridge.cli.options import DryRun
from bridge.cli.session import Session, session_of
from bridge.cli.supplied import environment_of, read_text, variables_of
from bridge.cli.terminal import shown_path
from bridge.cli.words import count, listed
from bridge.errors import ConfigError, RefusedError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bridge.capabilities import ImportReport, ImportsLegacy, Supplied


class _Granularity(str, Enum):
    dataset = "dataset"
    task = "task"
    dag = "dag"


def import_legacy(
    context: typer.Context,
    system: Annotated[str, typer.Argument(help="What kind of code it is: airflow.")],
    path: Annotated[
        Path | None, typer.Argument(help="Its folder, or one file.", show_default=False)
    ] = None,
    *,
    url: Annotated[
        str | None,
        typer.Option(help="Ask the system that runs there; alone, or beside the folder."),
    ] = None,
    username: Annotated[
        str | None, typer.Option(help="Who asks at --url. BRIDGE_AIRFLOW_PASSWORD is the password.")
    ] = None,
    live: Annotated[
        bool,
        typer.Option("--live", help="As --url, where the settings say that --instance answers."),
    ] = False,
    dags: Annotated[
        str | None, typer.Option(help="Only the DAGs whose name matches, such as 'etl_*'.")
    ] = None,
    dagbag: Annotated[
        bool,
        typer.Option(
            "--dagbag", help="Also let the Airflow beside us load the code, which runs it unboxed."
        ),
    ] = False,
    python: Annotated[
        Path | None,
        typer.Option(help="As --dagbag, by this Python of another environment that has Airflow."),
    ] = None,
    instance: Annotated[
        str | None,
        typer.Option(envvar="BRIDGE_AIRFLOW_INSTANCE", help="Our name for where it runs."),
    ] = None,
    granularity: Annotated[
        _Granularity | None,
        typer.Option(
            help="What is one asset; kept until another is given.", show_default="dataset"
        ),
    ] = None,
    variables: Annotated[
        Path | None,
        typer.Option(help="Variables that the code reads: what `airflow variables export` wrote."),
    ] = None,
    connections: Annotated[
        Path | None,
        typer.Option(help="Where connections lead: what `airflow connections export` wrote."),
    ] = None,
    env_file: Annotated[
        Path | None, typer.Option(help="Environment that the code reads: lines NAME=value.")
    ] = None,
    diff: Annotated[
        Path | None,
        typer.Option(help="An earlier --json: only show how the code differs. A difference is 3."),
    ] = None,
    html: Annotated[
        Path | None, typer.Option(help="Also write the report as one HTML page, to this file.")
    ] = None,
    everything: Annotated[
        bool, typer.Option("--all", help="Show every DAG and finding, however many there are.")
    ] = False,
    as_json: Annotated[
        bool, typer.Option("--json", help="Print the whole snapshot as JSON.")
    ] = False,
    dry_run: DryRun = False,
) -> None:
    """Read legacy DAGs into a mapping of tasks to assets.

    A folder, a running Airflow, or both. Source is read in a process apart that is kept from the
    network and from your settings; no task is run, and nothing is changed. What a DagBag and a
    running Airflow know is added to that.
    """
    session = session_of(context)
    reader = _reader(session, system)
    address = address_of(url, username, live=live)
    source = source_of(path, address, names=dags, dagbag=dagbag, python=python)
    supplied = _supplied(session, variables, connections, env_file)
    with FilesBar(session.terminal, quiet=as_json) as progress:
        report = reader.import_legacy(
            source,
            instance=instance or system,
            project=session.project,
            supplied=supplied,
            granularity=None if granularity is None else granularity.value,
            progress=progress,
        )
    if diff is not None:
        _print_differences(session, reader.differences(read_text(diff), report.snapshot_json))
        return
    if report.dags and not dry_run:  # before it is told: who listens may stop listening
        _refuse_what_others_wrote(report)
        if html is not None:
            write(html, report.page())
        write(report.mapping_path, report.mapping_text)
    if as_json:
        session.terminal.out.file.write(report.snapshot_json.rstrip("\n") + "\n")
    else:
        print_report(session.terminal, report, everything=everything)
    if not report.dags:
        raise ConfigError(
            f"No DAG was found in {path or url or 'Airflow'}, so no mapping was written. Give the "
            "folder that Airflow reads its DAGs from."
        )
    say = session.terminal.note if as_json else session.terminal.say
    target = (
        f"{shown_path(report.mapping_path)} ({count(report.mapping_entries, 'entry', 'entries')})"
    )
    if html is not None:
        target += f" and {shown_path(html)}"
    if report.asked is not None:
        say(f"Asked {report.asked}.")
    if dry_run:
        say(f"Nothing was changed. Would write {target}.")
        return
    say(f"Nothing in {path or system.capitalize()} was changed. Wrote {target}.")
    say(f"Next: {session.command('observe')}")


def _refuse_what_others_wrote(report: ImportReport) -> None:
    """Raises RefusedError where the mapping is another than the one that the import began with."""
    path = report.mapping_path
    is_now = path.read_bytes().decode("utf-8", "replace") if path.exists() else None
    if is_now != report.mapping_was:
        raise RefusedError(
            f"{shown_path(path)} was changed while the code was read, by a person or by another "
            "import. Nothing was written; import again."
        )


def _supplied(
    session: Session, variables: Path | None, connections: Path | None, env_file: Path | None
) -> Supplied:
    from bridge.capabilities import Supplied
    from bridge.cli.connections import connections_of, in_environment

    known, hidden = ({}, []) if variables is None else variables_of(variables)
    environment, more = ({}, []) if env_file is None else environment_of(env_file)
    secrets = [*hidden, *more]
    if secrets:
        session.terminal.note(f"Left out, for they look like secrets: {listed(secrets, 5)}.")
    leading = in_environment(environment)
    if connections is not None:
        leading |= connections_of(connections)
    return Supplied(variables=known, environment=environment, connections=leading)


def _print_differences(session: Session, lines: Sequence[str]) -> None:
    for line in lines:
        session.terminal.say(line)
    if lines:
        session.terminal.say()
        session.terminal.say(f"{count(len(lines), 'difference')}. Exit code 3.")
        raise typer.Exit(3)
    session.terminal.say("No difference.")


def _reader(session: Session, system: str) -> ImportsLegacy:
    from bridge.capabilities import ImportsLegacy

    offered: list[ImportsLegacy] = session.offering(ImportsLegacy)
    readers = {str(getattr(found, "name", "")): found for found in offered}
    if system not in readers:
        known = ", ".join(sorted(readers)) or "none"
        raise ConfigError(f"No installed adapter imports {system!r}; there is: {known}.")
    return readers[system]
