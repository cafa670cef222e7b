"""`bridge report`: say by hand that something outside materialized or looked at an asset."""

from __future__ import annotations

import json
import re
from datetime import datetime, timezone
from typing import TYPE_CHECKING, Annotated

import typer

from bridge.cli import plain
from bridge.cli.options import DryRun, Json, Key
from bridge.cli.session import Session, session_of
from bridge.cli.terminal import line
from bridge.cli.words import moment
from bridge.errors import PartitionError

if TYPE_CHECKING:
    from bridge.events import AssetEvent
    from bridge.keys import AssetKey


def report(
    context: typer.Context,
    key: Key,
    *,
    partition: Annotated[
        str | None, typer.Option("--partition", "-p", help="Which one, where it has partitions.")
    ] = None,
    metadata: Annotated[
        list[str] | None,
        typer.Option(metavar="NAME=VALUE", help="What else to record; JSON, or else text. Repeat."),
    ] = None,
    data_version: Annotated[str | None, typer.Option(help="The data's version.")] = None,
    observation: Annotated[
        bool, typer.Option("--observation", help="It was looked at, not materialized.")
    ] = False,
    description: Annotated[str | None, typer.Option(help="Why, in words.")] = None,
    at: Annotated[
        str | None, typer.Option(metavar="TIME", help="When, ISO 8601; now unless given.")
    ] = None,
    dry_run: DryRun = False,
    as_json: Json = False,
) -> None:
    """Report that something outside materialized an asset."""
    from bridge.reporting import AssetMaterialization, AssetObservation, event_of, reporter

    session = session_of(context)
    asset_key = session.key(key)
    _require_partition(session, asset_key, partition)
    kind = AssetObservation if observation else AssetMaterialization
    said = kind(asset_key, description, _metadata(metadata or []), partition, data_version)
    event = event_of(said, _moment(session, at), reporter())
    if not dry_run:
        session.store.record([event])
    if as_json:
        session.terminal.json(_plain(event))
    else:
        of = f" {partition}" if partition else ""
        when = moment(event.happened_at)
        session.terminal.say(
            line("planned" if dry_run else "done", f"{asset_key}{of}  {event.kind} at {when} UTC")
        )
    if dry_run:
        session.terminal.note("Nothing was recorded: --dry-run.")


def _require_partition(session: Session, key: AssetKey, partition: str | None) -> None:
    definition = session.graph.nodes[key].spec.partitions_def
    if definition is None:
        if partition is not None:
            raise PartitionError(f"{key} has no partitions; leave out {partition!r}.")
        return
    if partition is None:
        latest = definition.latest(session.now)
        hint = f" The last one is {latest}: --partition {latest}" if latest else ""
        raise PartitionError(f"{key} is partitioned; say which partition to report.{hint}")
    definition.require(partition, session.now, key)


def _metadata(pairs: list[str]) -> dict[str, object]:
    found: dict[str, object] = {}
    for pair in pairs:
        name, is_pair, text = pair.partition("=")
        if not is_pair or not name:
            raise typer.BadParameter(f"{pair!r} is not NAME=VALUE.", param_hint="--metadata")
        try:
            found[name] = json.loads(text)
        except ValueError:
            found[name] = text
    return found


def _moment(session: Session, text: str | None) -> datetime:
    if text is None:
        return session.now
    try:
        found = datetime.fromisoformat(re.sub("Z$", "+00:00", text))  # Python 3.10 knows no Z
    except ValueError as error:
        raise typer.BadParameter(
            f"{text!r} is no time; write 2026-11-22T06:00:00Z.", param_hint="--at"
        ) from error
    moment = found if found.tzinfo else found.replace(tzinfo=timezone.utc)
    if moment > session.now:
        raise typer.BadParameter(f"{text} is in the future.", param_hint="--at")
    return moment


def _plain(event: AssetEvent) -> plain.Plain:
    return {
        "kind": event.kind,
        "key": str(event.key),
        "partition": event.partition,
        "happened_at": plain.time(event.happened_at),
        "source": event.source,
        "data_version": event.data_version,
        "message": event.message,
        "metadata": dict(event.metadata),
    }
