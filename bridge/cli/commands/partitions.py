"""`bridge partitions`: which an asset has and how they are; adding and deleting dynamic ones."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated

import typer

from bridge.cli.invocation import quoted
from bridge.cli.options import DryRun, Json, Key
from bridge.cli.session import Session, session_of
from bridge.cli.terminal import line, symbol, table
from bridge.cli.words import count, listed
from bridge.errors import PartitionError

if TYPE_CHECKING:
    from bridge.keys import AssetKey
    from bridge.materialized import PartitionRun
    from bridge.partitions import PartitionsDefinition

_STATES = ("materialized", "failed", "missing")
_SHOWN = {"materialized": "done", "failed": "failed", "missing": "missing"}  # as in `status`
_LIMIT = 40

Name = Annotated[str, typer.Argument(help="The name in DynamicPartitionsDefinition(name).")]


def list_partitions(
    context: typer.Context,
    key: Key,
    *,
    materialized: Annotated[
        bool, typer.Option("--materialized", help="Those that are there.")
    ] = False,
    failed: Annotated[
        bool, typer.Option("--failed", help="Those whose last attempt failed.")
    ] = False,
    missing: Annotated[
        bool, typer.Option("--missing", help="Those that were never there.")
    ] = False,
    limit: Annotated[int, typer.Option(min=1, help="At most so many lines.")] = _LIMIT,
    as_json: Json = False,
) -> None:
    """Show the partitions of an asset, range by range.

    Each line is a range without a gap whose partitions are in the same state; it can be given to
    `materialize --partition`. With several of --materialized, --failed, --missing: all of these.
    """
    from bridge.materialized import partition_runs, partition_sets

    session = session_of(context)
    asset, cut = _cut(session, key)
    sets = partition_sets(session.store, {asset: cut}, session.now)[asset]
    runs = partition_runs(cut, sets, session.now)
    asked = dict(zip(_STATES, (materialized, failed, missing), strict=True))
    words = [word for word in _STATES if asked[word]] or list(_STATES)
    chosen = [run for run in runs if run.state in words]
    counts: Counter[str] = Counter()
    for run in runs:
        counts[run.state] += run.count
    if as_json:
        session.terminal.json(_plain(asset, cut, counts, chosen[:limit], len(chosen) > limit))
        return
    _print(session, chosen, limit)
    said = ", ".join(f"{counts[word]:,} {word}" for word in _STATES if counts[word])
    total = count(sum(counts.values()), f"{cut.kind} partition")
    session.terminal.say(f"{said} of {total}." if said else "There are no partitions yet.")
    todo = next((run for run in runs if run.state != "materialized"), None)
    if todo is not None and session.graph.nodes[asset].is_executable:
        what = f"materialize {quoted(str(asset))} --partition {quoted(_shown(todo, '...'))}"
        session.terminal.say(f"Compute the first that are not there: {session.command(what)}")


def _cut(session: Session, key: str) -> tuple[AssetKey, PartitionsDefinition]:
    asset = session.key(key)
    cut = session.graph.nodes[asset].spec.partitions_def
    if cut is None:
        raise PartitionError(
            f"{asset} has no partitions: it is materialized as a whole. "
            f"`bridge show {key}` shows what is known of it."
        )
    return asset, cut


def _print(session: Session, runs: Sequence[PartitionRun], limit: int) -> None:
    if not runs:
        return
    rows = table("Partitions", ">Count", "State")
    for run in runs[:limit]:
        rows.add_row(_shown(run, " … "), f"{run.count:,}", symbol(_SHOWN[run.state], run.state))
    session.terminal.rows(rows)
    session.terminal.say()
    if len(runs) > limit:
        session.terminal.say(f"{count(len(runs) - limit, 'more range')}; --limit shows more.")


def _shown(run: PartitionRun, between: str) -> str:
    return run.first if run.count == 1 else f"{run.first}{between}{run.last}"


def _plain(
    key: AssetKey,
    cut: PartitionsDefinition,
    counts: Counter[str],
    runs: Sequence[PartitionRun],
    is_cut: bool,
) -> dict[str, object]:
    return {
        "key": str(key),
        "partitions": cut.describe(),
        "counts": {word: counts[word] for word in _STATES},
        "ranges": [
            {"first": run.first, "last": run.last, "count": run.count, "state": run.state}
            for run in runs
        ],
        "is_cut": is_cut,
    }


def add_partitions(
    context: typer.Context,
    name: Name,
    keys: Annotated[list[str], typer.Argument(help="The partitions to add.", show_default=False)],
    dry_run: DryRun = False,
) -> None:
    """Add dynamic partitions; those that are there stay.

    They come after those there are, in this order, and are known to every run from then on.
    """
    from bridge.partitions import require_partition_names

    session = session_of(context)
    _require_name(session, name)
    require_partition_names(keys)
    _require_parts(session, name, keys)
    known = set(session.store.dynamic_partitions(name))
    new = [key for key in dict.fromkeys(keys) if key not in known]
    say = session.terminal.say
    for key in dict.fromkeys(keys):
        if key in known:
            say(line("skipped", f"{key} is there already"))
    if dry_run:
        for key in new:
            say(line("planned", f"{key} would be added to {name}"))
        session.terminal.note("Nothing was added: --dry-run.")
        return
    added = session.store.add_dynamic_partitions(name, keys)
    if new:
        say(line("done", f"added {listed(new)} to {name}"))
    say(f"{count(added, 'partition')} added, {len(known) + added:,} now.")


def delete_partition(
    context: typer.Context,
    name: Name,
    key: Annotated[str, typer.Argument(help="The partition to delete.")],
    dry_run: DryRun = False,
) -> None:
    """Delete a dynamic partition; its data stays.

    What was materialized of it stays where it is stored, and in the history.
    """
    session = session_of(context)
    _require_name(session, name)
    known = session.store.dynamic_partitions(name)
    if key not in known:
        there = f"There are: {listed(known)}." if known else "There are none."
        raise PartitionError(f"{name} has no partition {key!r}. {there}")
    if dry_run:
        session.terminal.say(line("planned", f"{key} would be deleted from {name}"))
        session.terminal.note("Nothing was deleted: --dry-run.")
        return
    session.store.delete_dynamic_partition(name, key)
    session.terminal.say(line("done", f"deleted {key} from {name}"))
    again = session.command(f"partitions add {quoted(name)} {quoted(key)}")
    session.terminal.say(f"Its data stays where it is. Undo with {again}")


def _require_name(session: Session, name: str) -> None:
    names = sorted(session.declared_graph.dynamic_partitions)
    if name not in names:
        there = f"There are: {', '.join(names)}." if names else "No asset has dynamic partitions."
        raise PartitionError(f"There are no dynamic partitions called {name!r}. {there}")


def _require_parts(session: Session, name: str, keys: Sequence[str]) -> None:
    """Keys of several dimensions are written with signs that no part may hold."""
    from bridge.partitions import MultiPartitionsDefinition, dynamic_names, require_part

    for key, cut in session.declared_graph.partitioned().items():
        if isinstance(cut, MultiPartitionsDefinition) and name in dynamic_names(cut):
            for each in keys:
                require_part(each, f"{name} of {key}")
