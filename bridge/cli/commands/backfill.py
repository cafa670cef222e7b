"""`bridge backfill start` and `resume`: many partitions, here or by the daemon; `retry` too."""

from __future__ import annotations

import sys
import threading
import time
from typing import TYPE_CHECKING, Annotated

import typer

from bridge.cli import plain
from bridge.cli.backfill_progress import BackfillProgress
from bridge.cli.options import DryRun, Json, Selection
from bridge.cli.session import Session, session_of
from bridge.cli.terminal import line
from bridge.cli.words import count, duration, listed
from bridge.errors import (
    ConfigError,
    PartitionError,
    RemoteUnreachableError,
    SelectionError,
    StoreUnreachableError,
)

if TYPE_CHECKING:
    from collections.abc import Collection

    from bridge.backfill_policy import BackfillPolicy
    from bridge.backfills import Cut, Subsets
    from bridge.keys import AssetKey
    from bridge.store import Backfill

INTERRUPTED = 130
_SHOWN_WAVES = 20
_RANGE = "..."

BackfillId = Annotated[str, typer.Argument(metavar="ID", help="As `bridge backfill list` shows.")]
Parallel = Annotated[
    int | None, typer.Option("--parallel", min=1, help="How many runs may go on at once; else 1.")
]
Detach = Annotated[
    bool, typer.Option("--detach", help="Leave the work to `bridge daemon` and return.")
]


def start(
    context: typer.Context,
    selection: Selection,
    *,
    partition: Annotated[
        str | None,
        typer.Option(
            "--partition",
            "-p",
            metavar="P|A...B",
            help="One partition of the first assets, or a range with both ends; the rest follows.",
        ),
    ] = None,
    partitions: Annotated[
        str | None,
        typer.Option("--partitions", metavar="P,P", help="The same, one by one."),
    ] = None,
    everything: Annotated[bool, typer.Option("--all", help="All partitions that exist.")] = False,
    missing: Annotated[bool, typer.Option("--missing", help="Only what is not there.")] = False,
    failed: Annotated[bool, typer.Option("--failed", help="Only what failed last time.")] = False,
    single_run: Annotated[
        bool, typer.Option("--single-run", help="As few runs as there are gaps.")
    ] = False,
    max_per_run: Annotated[
        int | None,
        typer.Option("--max-per-run", min=1, metavar="N", help="At most N partitions a run."),
    ] = None,
    parallel: Parallel = None,
    on: Annotated[
        str | None,
        typer.Option(
            "--on",
            metavar="SYSTEM[:INSTANCE]",
            help="Have it done there, such as airflow:eu; else here.",
        ),
    ] = None,
    tag: Annotated[
        list[str] | None, typer.Option("--tag", metavar="K=V", help="On its runs; may be repeated.")
    ] = None,
    detach: Detach = False,
    dry_run: DryRun = False,
    as_json: Json = False,
) -> None:
    """Compute many partitions of the selected assets.

    Upstream comes first, and a run begins as soon as what it reads is there. A failure holds back
    only what reads it. Without --single-run and --max-per-run each asset's policy decides; with
    --on airflow, a range of a whole DAG is one backfill of Airflow's own where it can be.
    """
    from bridge.backfills import Cut, new_backfill, only
    from bridge.store.known import with_known_partitions

    session = session_of(context)
    tags, policy = _tags(tag or []), _policy(max_per_run, single_run=single_run)
    chosen = session.select(selection, outside="left_out")
    if not chosen:
        raise SelectionError(f"Nothing to backfill: {selection!r} names no asset.")
    graph = with_known_partitions(session.graph, session.store)
    cut = Cut(graph, session.now, policy)
    whole = _target(cut, chosen, partition, partitions, everything=everything)
    target = only(cut, whole, session.store, missing=missing, failed=failed)
    if not target:
        asked = " or ".join(w for w, on in (("missing", missing), ("failed", failed)) if on)
        session.terminal.note(f"Nothing to do: no partition is {asked}.")
        if as_json:
            session.terminal.json(None)
        return
    if on is not None:
        tags, policy = _placed(session, on, target, tags, policy)
        cut = Cut(graph, session.now, policy)
    backfill = new_backfill(
        target, session.now, selection=selection, policy=policy, parallel=parallel, tags=tags
    )
    session.terminal.note(_announced(backfill, target))
    _name_left_out(session, cut, chosen, whole)
    if dry_run:
        _print_waves(session, cut, target, as_json=as_json)
        return
    session.store.add_backfill(backfill)
    if detach:
        _detached(session, backfill, as_json=as_json)
        return
    _carry_out(session, backfill, parallel, as_json=as_json)


def resume(
    context: typer.Context,
    backfill_id: BackfillId,
    parallel: Parallel = None,
    detach: Detach = False,
    dry_run: DryRun = False,
    as_json: Json = False,
) -> None:
    """Go on with a backfill that was paused or interrupted."""
    from bridge import backfills

    session = session_of(context)
    found = known(session, backfill_id)
    if dry_run:
        _would(session, found, "go on")
        return
    resumed = backfills.resume(found, session.store, session.graph, session.now)
    _go_on(session, resumed, parallel, detach=detach, as_json=as_json)


def retry(
    context: typer.Context,
    backfill_id: BackfillId,
    parallel: Parallel = None,
    detach: Detach = False,
    dry_run: DryRun = False,
    as_json: Json = False,
) -> None:
    """Compute what a backfill did not.

    All of its target that is not materialized by it: what failed, what was held back for it, and
    what was canceled.
    """
    from bridge import backfills

    session = session_of(context)
    found = known(session, backfill_id)
    if dry_run:
        _would(session, found, "compute again")
        return
    again = backfills.retry(found, session.store)
    _go_on(session, again, parallel, detach=detach, as_json=as_json)


def backfill_work(context: typer.Context, backfill_id: BackfillId) -> None:
    """Do runs of a backfill until standard input ends; not for people, so no help lists it."""
    from bridge.backfills import Here

    session = session_of(context)
    found = known(session, backfill_id)
    is_told = threading.Event()

    def listen() -> None:
        sys.stdin.buffer.read()
        is_told.set()

    threading.Thread(target=listen, daemon=True).start()
    project = session.project
    crew = Here(found.origin, session.definitions, session.store, project.storage, project.pools)
    while not is_told.is_set():
        crew.work(time.monotonic())


def known(session: Session, backfill_id: str) -> Backfill:
    """A backfill of the store. Raises SelectionError where there is none."""
    found = session.store.backfill(backfill_id)
    if found is None:
        raise SelectionError(
            f"There is no backfill {backfill_id}. `bridge backfill list` shows all."
        )
    return found


def _go_on(
    session: Session, backfill: Backfill, parallel: int | None, *, detach: bool, as_json: bool
) -> None:
    if detach:
        _detached(session, backfill, as_json=as_json)
    else:
        _carry_out(session, backfill, parallel or backfill.parallel, as_json=as_json)


def _placed(
    session: Session,
    on: str,
    target: Subsets,
    tags: dict[str, str],
    policy: BackfillPolicy | None,
) -> tuple[dict[str, str], BackfillPolicy | None]:
    """Tags and policy of a backfill that another system does, once that could begin."""
    from bridge.backfill_policy import BackfillPolicy
    from bridge.launching import LOCAL, found_place
    from bridge.runs import RUN_ON_TAG

    if on == LOCAL:
        return {**tags, RUN_ON_TAG: LOCAL}, policy
    place = str(found_place(on, session.project, session.adapters))
    launcher = session.attendance.launcher(place)
    keys = list(target)
    launcher.require_ready(keys)
    if policy is None and launcher.takes_ranges(keys):
        policy = BackfillPolicy.single_run()
    return {**tags, RUN_ON_TAG: place}, policy


def _target(
    cut: Cut,
    chosen: Collection[AssetKey],
    partition: str | None,
    partitions: str | None,
    *,
    everything: bool,
) -> Subsets:
    from bridge.backfills import roots_target, whole_target

    if sum((partition is not None, partitions is not None, everything)) != 1:
        raise PartitionError(
            "Say which partitions to backfill, in one way: --partition A...B, --partitions P,P, or "
            "--all."
        )
    if everything:
        return whole_target(cut, chosen)
    if partitions is not None:
        names = [name for name in (each.strip() for each in partitions.split(",")) if name]
        return roots_target(cut, chosen, names)
    assert partition is not None  # noqa: S101 - one of the three is given
    first, is_range, last = partition.partition(_RANGE)
    ends = (first, last) if is_range else (first,)
    return roots_target(cut, chosen, ends, is_range=bool(is_range))


def _policy(max_per_run: int | None, *, single_run: bool) -> BackfillPolicy | None:
    from bridge.backfill_policy import BackfillPolicy

    if single_run and max_per_run is not None:
        raise ConfigError("--single-run and --max-per-run exclude each other; give one.")
    if single_run:
        return BackfillPolicy.single_run()
    return None if max_per_run is None else BackfillPolicy.multi_run(max_per_run)


def _tags(given: list[str]) -> dict[str, str]:
    tags = {}
    for each in given:
        name, is_one, value = each.partition("=")
        if not is_one or not name:
            raise ConfigError(f"--tag {each}: a tag is written name=value.")
        tags[name] = value
    return tags


def _announced(backfill: Backfill, target: Subsets) -> str:
    return f"{count(backfill.counts.total, 'partition')} of {count(len(target), 'asset')}."


def _name_left_out(
    session: Session, cut: Cut, chosen: Collection[AssetKey], whole: Subsets
) -> None:
    """Say which selected assets of ours the partitions that were asked for do not lead to."""
    ours = [key for key in cut.graph.order if key in chosen and cut.graph.nodes[key].is_executable]
    left_out = [str(key) for key in ours if key not in whole]
    if left_out:
        session.terminal.note(
            line(
                "warning", f"Left out, since these partitions do not lead to it: {listed(left_out)}"
            )
        )


def _print_waves(session: Session, cut: Cut, target: Subsets, *, as_json: bool) -> None:
    from bridge.backfills import planned_waves

    waves = list(planned_waves(cut, target))
    if as_json:
        found = [
            [{"assets": [str(key) for key in run.assets], "partition": run.partition} for run in w]
            for w in waves
        ]
        session.terminal.json({"waves": found})
    else:
        for runs in waves[:_SHOWN_WAVES]:
            names = list(dict.fromkeys(str(key) for run in runs for key in run.assets))
            asked = [run.partition for run in runs if run.partition is not None]
            of = "" if not asked else f"  {asked[0]}"
            of += f" and {len(asked) - 1:,} more" if len(asked) > 1 else ""
            text = f"{count(len(runs), 'run')} of {listed(names)}{of}"
            session.terminal.say(line("planned", text))
        if len(waves) > _SHOWN_WAVES:
            more = f"{count(len(waves) - _SHOWN_WAVES, 'more step')} like these"
            session.terminal.say(line("planned", more))
    session.terminal.note("Nothing was computed: --dry-run.")


def _would(session: Session, backfill: Backfill, verb: str) -> None:
    left = backfill.counts.total - backfill.counts.materialized
    text = f"{backfill.id} would {verb}: {count(left, 'partition')} not there yet"
    session.terminal.say(line("planned", text))
    session.terminal.note("Nothing was changed: --dry-run.")


def _detached(session: Session, backfill: Backfill, *, as_json: bool) -> None:
    if as_json:
        session.terminal.json(plain.backfill(backfill))
        return
    session.terminal.say(line("planned", f"backfill {backfill.id} waits for `bridge daemon`"))
    session.terminal.say()
    session.terminal.say(f"See {session.command(f'backfill show {backfill.id}')}")


def _carry_out(
    session: Session, backfill: Backfill, parallel: int | None, *, as_json: bool
) -> None:
    """Do the work here and say how it ended."""
    begin = time.perf_counter()
    resuming = session.command(f"backfill resume {backfill.id}")
    try:
        with BackfillProgress(session.terminal, session.store, quiet=as_json) as progress:
            ended = _done(session, backfill, parallel, progress)
    except KeyboardInterrupt:
        session.terminal.note(f"What is done stays done. Go on: {resuming}")
        raise typer.Exit(INTERRUPTED) from None
    except StoreUnreachableError:
        session.terminal.note(f"Once the store answers, go on: {resuming}")
        raise
    except RemoteUnreachableError:
        session.terminal.note(f"What was started there goes on. Once it answers: {resuming}")
        raise
    if as_json:
        session.terminal.json(plain.backfill(ended))
    else:
        _summarise(session, ended, time.perf_counter() - begin)
    if ended.status != "completed_success":
        raise typer.Exit(1)


def _done(
    session: Session, backfill: Backfill, parallel: int | None, progress: BackfillProgress
) -> Backfill:
    """Carry a backfill on, by this process, by workers, or by another system."""
    from bridge.backfills import Here, carry_out, workers
    from bridge.launching import LOCAL, Elsewhere
    from bridge.runs import RUN_ON_TAG

    store, graph, project = session.store, session.graph, session.project
    place = backfill.tags.get(RUN_ON_TAG, LOCAL)
    if place != LOCAL:
        crew = Elsewhere(backfill, store, session.attendance, place, parallel)
        return carry_out(backfill, store, graph, crew, progress)
    if parallel is not None and parallel > 1:
        with workers(backfill, parallel, project, store) as several:
            return carry_out(backfill, store, graph, several, progress)
    here = Here(backfill.origin, session.definitions, store, project.storage, project.pools)
    return carry_out(backfill, store, graph, here, progress)


def _summarise(session: Session, ended: Backfill, took_s: float) -> None:
    say, counts = session.terminal.say, ended.counts
    say()
    say(f"  backfill  {ended.id}")
    say()
    took = duration(took_s)
    if ended.status == "completed_success":
        omitted = f", {counts.omitted:,} left out by their functions" if counts.omitted else ""
        say(f"{counts.materialized:,} done{omitted} in {took}. See {session.command('status')}")
        return
    if ended.message:
        say(line("problem", ended.message))
    words = [f"{counts.failed:,} failed", f"{counts.blocked:,} held back"]
    words += [f"{counts.left:,} left"] if counts.left else []
    said = {"paused": "Paused. ", "canceled": "Canceled. "}.get(ended.status, "")
    say(f"{said}{', '.join(words)}, {counts.materialized:,} done in {took}. Exit code 1.")
    verb = "resume" if ended.status == "paused" else "retry"
    what = "Go on" if verb == "resume" else "Retry what is not done"
    say(f"{what}: {session.command(f'backfill {verb} {ended.id}')}")
