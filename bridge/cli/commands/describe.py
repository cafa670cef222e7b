"""`bridge list` and `bridge show`: what is defined, and everything known of one asset."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from bridge.cli import plain
from bridge.cli.links import LINKED, pages
from bridge.cli.metadata import named_lines
from bridge.cli.options import Json, Key, Selection
from bridge.cli.session import Session, session_of
from bridge.cli.terminal import shown_path, symbol, table
from bridge.cli.words import ago, count, duration, freshness, listed, moment, what_is_read

if TYPE_CHECKING:
    from datetime import datetime

    from bridge.automation.explanation import Explanation
    from bridge.events import AssetEvent, RecordedEvent
    from bridge.graph import AssetGraph
    from bridge.keys import AssetKey
    from bridge.nodes import AssetNode
    from bridge.partitions import PartitionsDefinition
    from bridge.specs import AssetSpec
    from bridge.status import AssetStatus
    from bridge.store import CheckState

_EVENTS_SHOWN = 10


def list_assets(
    context: typer.Context,
    selection: Selection = "*",
    group: Annotated[str | None, typer.Option(help="Only assets of this group.")] = None,
    no_owner: Annotated[
        bool, typer.Option("--no-owner", help="Only assets that nobody owns.")
    ] = False,
    as_json: Json = False,
) -> None:
    """List the assets that the project defines."""
    session = session_of(context)
    graph, terminal = session.declared_graph, session.terminal
    chosen = None if selection == "*" else session.select(selection)
    nodes = [
        node
        for node in graph
        if (chosen is None or node.key in chosen)
        and (group is None or node.spec.group_name == group)
        and not (no_owner and node.spec.owners)
    ]
    if as_json:
        terminal.json([plain.node(node, graph) for node in nodes])
        return
    outside = any(node.produced_by or not node.is_executable for node in nodes)
    columns = ("Asset", "~Group", "~Kinds", "Partitions", "~Owners")
    rows = table(*columns, *(["By"] if outside else []))
    for node in nodes:
        spec = node.spec
        rows.add_row(
            str(node.key),
            spec.group_name,
            ", ".join(sorted(spec.kinds)) or "-",
            "-" if spec.partitions_def is None else spec.partitions_def.kind,
            listed(list(spec.owners), 2) or "-",
            *([_who(node)] if outside else []),
        )
    if nodes:
        terminal.rows(rows)
        terminal.say()
    of = "" if len(nodes) == len(graph) else f" of {len(graph):,}"
    terminal.say(f"{count(len(nodes), 'asset')}{of}.")


def show(context: typer.Context, key: Key, as_json: Json = False) -> None:
    """Show everything about one asset.

    Where it is defined, its neighbours, checks, partitions, and what happened last.
    """
    session = session_of(context)
    node = session.graph.nodes[session.key(key)]
    status = session.statuses()[node.key]
    checks = session.store.check_states([node.key])
    events = session.store.events(node.key, limit=_EVENTS_SHOWN)
    if as_json:
        session.terminal.json(
            plain.node(node, session.graph)
            | {
                "status": plain.status(status),
                "automation": plain.explanation(_explained(node, session)),
                "check_states": [plain.check_state(check) for check in checks],
                "events": [plain.event(event) for event in events],
            }
        )
        return
    _print_asset(session, node, status, checks)
    _print_metadata(session, events)
    _print_events(session, events)


def _print_asset(
    session: Session, node: AssetNode, status: AssetStatus, checks: list[CheckState]
) -> None:
    say, now = session.terminal.say, session.now
    latest = "never materialized" if status.latest is None else ago(status.latest, now)
    say(symbol(status.status, f"{node.key}  {status.status}, {latest}"))
    if node.spec.description:
        say(f"  {' '.join(node.spec.description.split())}")
    say()
    for name, text in _facts(node, session.graph, status, session):
        say(f"  {name:<11} {text}")
    answered = {check.name: check for check in checks}
    for spec in node.check_specs:
        answer = answered.pop(spec.name, None)
        say(_check_line(spec.name, answer, session))
    for name, answer in answered.items():
        say(_check_line(name, answer, session))


def _facts(
    node: AssetNode, graph: AssetGraph, status: AssetStatus, session: Session
) -> list[tuple[str, str]]:
    spec = node.spec
    upstream = [_with_mapping(key, spec) for key in graph.upstream(node.key)]
    downstream = [str(key) for key in graph.downstream(node.key)]
    facts = [
        ("defined", f"{shown_path(spec.place.file)}:{spec.place.line}"),
        ("written by", _writer(node)),
        ("group", spec.group_name),
        ("owners", ", ".join(spec.owners)),
        ("kinds", ", ".join(sorted(spec.kinds))),
        (
            "tags",
            ", ".join(f"{name}={value}" if value else name for name, value in spec.tags.items()),
        ),
        ("upstream", listed(upstream, 8)),
        ("own past", what_is_read(spec, node.key)),
        ("downstream", listed(downstream, 8)),
        ("dataset", spec.uri or ""),
        ("code", spec.code_version or ""),
        ("automation", str(spec.automation_condition or "")),
        ("", _requested(node, session)),
        ("migration", status.route or ""),
        ("message", status.message or ""),
        ("health", _health(status)),
    ]
    if spec.partitions_def is not None:
        done, total = status.partitions_done or 0, status.partitions_total or 0
        span = _span(spec.partitions_def, session.now)
        facts.append(
            (
                "partitions",
                f"{span}; {done:,} of {total:,} materialized",
            )
        )
        facts.append(("", _stale_partitions(node, session)))
    if spec.freshness_policy is not None:
        facts.append(("freshness", freshness(status.freshness, session.now)))
    facts = [(name, text) for name, text in facts if text]
    for name, value in spec.metadata.items():
        facts.extend(named_lines(name, value))
    return facts


def _with_mapping(key: AssetKey, spec: AssetSpec) -> str:
    """An upstream asset, and what each partition reads of it where that was declared."""
    words = what_is_read(spec, key)
    return f"{key} ({words})" if words else str(key)


def _health(status: AssetStatus) -> str:
    """The worst of materialization, checks and freshness, and what makes it so."""
    if status.health in ("healthy", "unknown"):
        return "" if status.health == "unknown" else status.health
    because = [f"{listed(list(status.failed_checks), 3)} failed"] if status.failed_checks else []
    if status.failed_partitions:
        because.append(f"{count(status.failed_partitions, 'partition')} failed")
    elif status.status == "failed" and not because:
        because.append("its last attempt failed")
    if status.freshness is not None and status.freshness.state in ("warn", "fail"):
        because.append("it is late" if status.freshness.state == "fail" else "it will be late")
    return f"{status.health}: {' and '.join(because)}"


def _requested(node: AssetNode, session: Session) -> str:
    """Whether the condition asks for the asset now, or why not; nothing before a daemon asked."""
    told = _explained(node, session)
    return "" if told is None else told.because()


def _explained(node: AssetNode, session: Session) -> Explanation | None:
    if node.spec.automation_condition is None:
        return None
    from bridge.automation_facts import decide
    from bridge.daemon.conditions import CONDITIONS

    asked = session.store.instigators().get(CONDITIONS)
    if asked is None or asked.cursor is None:
        return None
    decision = decide(session.store, session.graph, asked.cursor, session.now, explained=[node.key])
    return decision.explanations[node.key]


def _stale_partitions(node: AssetNode, session: Session) -> str:
    """Which partitions are out of sync, with what the newest of them says."""
    from bridge.staleness import in_words
    from bridge.status import read_partition_staleness

    if not node.is_executable:
        return ""
    found = read_partition_staleness(session.store, session.graph, node.key, session.now)
    stale = {name: each.causes for name, each in found.items() if each.causes}
    if not stale:
        return ""
    newest = max(stale)
    why = " and ".join(in_words(cause) for cause in stale[newest])
    return f"{len(stale):,} of them stale; {newest} because {why}"


def _span(of: PartitionsDefinition, now: datetime) -> str:
    start = of.describe().get("start")
    if start is None:
        return of.kind
    return f"{of.kind} from {start}, newest {of.latest(now) or 'none yet'}"


def _check_line(name: str, answer: CheckState | None, session: Session) -> str:
    if answer is None:
        return f"  {'check':<11} {symbol('unknown')} {name}  not answered yet"
    word = "passed" if answer.passed else "failed" if answer.severity == "ERROR" else "warned"
    of = f" of {answer.partition}" if answer.partition else ""
    said = f": {answer.message}" if answer.message and not answer.passed else ""
    when = ago(answer.happened_at, session.now)
    return f"  {'check':<11} {symbol(word)} {name}  {word}{of}, {when}{said}"


def _print_metadata(session: Session, events: list[RecordedEvent]) -> None:
    """What was recorded with the newest materialization."""
    newest = next((r.event for r in events if r.event.kind == "materialization"), None)
    for name, value in newest.metadata.items() if newest is not None else ():
        for label, text in named_lines(name, value):
            session.terminal.say(f"  {label:<11} {text}")


def _print_events(session: Session, events: list[RecordedEvent]) -> None:
    """One line each, as long as it is: sources are long, and are copied from here."""
    if not events:
        return
    facts = [recorded.event for recorded in events]
    rows = [_event_cells(event) for event in facts]
    widths = [max(len(row[column]) for row in rows) for column in range(5)]
    session.terminal.say()
    session.terminal.say("Last events, times in UTC")
    links = dict(pages(session, facts))
    for event, (when, words, partition, size, took, source) in zip(facts, rows, strict=True):
        session.terminal.say(
            f"  {when}  {words:<{widths[1]}}  {partition:<{widths[2]}}  {size:>{widths[3]}}  "
            f"{took:>{widths[4]}}  {source}"
        )
        if event.message:
            session.terminal.say(f"      {event.message}")
        if event.kind in LINKED and (page := links.pop(event.source, None)):
            session.terminal.say(f"      {page}")


def _event_cells(event: AssetEvent) -> tuple[str, str, str, str, str, str]:
    return (
        moment(event.happened_at),
        _event_words(event),
        event.partition or "-",
        "" if event.row_count is None else count(event.row_count, "row"),
        "" if event.duration_s is None else duration(event.duration_s),
        event.source,
    )


def _event_words(event: AssetEvent) -> str:
    if event.check is None:
        return event.kind
    return f"check {event.check.name} {'passed' if event.check.passed else 'failed'}"


def _writer(node: AssetNode) -> str:
    ours = ["us"] if node.is_executable else []
    return listed([*ours, *node.produced_by], 3) or "something outside"


def _who(node: AssetNode) -> str:
    if not node.is_executable:
        return "others"
    return "both" if node.produced_by else "us"
