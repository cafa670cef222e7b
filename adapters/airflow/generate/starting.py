"""What starts a DAG: ticks, the assets of other DAGs, or a person; and what is said of it. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from adapters.airflow.generate.bundles import Bundle
from adapters.airflow.generate.keyed import after_partitions, keyed_schedule
from adapters.airflow.generate.news import News, as_json, is_conditional, keys_in, news_wanted
from adapters.airflow.generate.schedule import Schedule
from adapters.airflow.uris import asset_uri
from bridge.findings import Finding
from bridge.graph import AssetGraph
from bridge.keys import AssetKey
from bridge.nodes import AssetNode
from bridge.partitions import PartitionsDefinition, TimeWindowPartitionsDefinition


def started_by(
    bundle: Bundle,
    outside: Sequence[AssetKey],
    graph: AssetGraph,
    home: Mapping[AssetKey, str],
    *,
    is_circular: bool,
    keys: bool,
    news: News | None,
) -> Schedule:
    """The schedule of a bundle's DAG, which reads the assets `outside`.

    Only a group listens to others, and only where it hears of all that it reads. One whose assets
    all have conditions has `news` of others for a schedule, or none. With `keys`, runs have
    partition keys. Raises DefinitionError where Airflow would write other keys.
    """
    of, own = bundle.partitions_def, bundle.schedule
    if bundle.group is not None and is_conditional(bundle.nodes):
        return Schedule() if news is None else _after(news, graph)
    if keys and of is not None:
        own = keyed_schedule(bundle.nodes, of, own)
    known = [graph.nodes[key] for key in outside if key in home or graph.nodes[key].spec.uri]
    if bundle.group is None or is_circular or not known or len(known) < len(outside):
        return own
    cut = _partitioned_here(known, home) if keys else []
    if cut:
        return (after_partitions(bundle.nodes, known) if len(cut) == len(known) else None) or own
    if of is not None:
        return own
    return Schedule(kind="assets", assets=tuple(_uri(node) for node in known))


def news_of(
    bundle: Bundle, graph: AssetGraph, home: Mapping[AssetKey, str], *, keys: bool
) -> News | None:
    """The news of others that start a group, as the conditions of all its assets ask.

    None where the daemon has to ask them: of partitions, of what nobody tells Airflow about, or of
    more than news.
    """
    if bundle.group is None or bundle.partitions_def is not None:
        return None
    news = news_wanted(bundle.nodes)
    if news is None or not graph.nodes.keys() >= {*keys_in(news)}:
        return None
    nodes = [graph.nodes[key] for key in keys_in(news)]
    is_told = all(node.key in home or node.spec.uri for node in nodes)
    return news if is_told and not (keys and _partitioned_here(nodes, home)) else None


def _after(news: News, graph: AssetGraph) -> Schedule:
    def uri(key: AssetKey) -> str:
        return _uri(graph.nodes[key])

    said = as_json(news, uri)
    uris = tuple(dict.fromkeys(map(uri, keys_in(news))))
    return Schedule(kind="assets", assets=uris, news=None if isinstance(said, str) else said)


def starting_findings(bundle: Bundle, schedule: Schedule, graph: AssetGraph) -> list[Finding]:
    """What runs with partition keys cannot do, and those with data intervals can."""
    if schedule.kind == "keys" and bundle.schedule.makes_up:
        return [
            Finding(
                level="note",
                code="no-catchup",
                about=bundle.dag_id,
                message=f"The schedule of {bundle.dag_id} makes up for ticks that were missed, and "
                "its DAG does not: after a pause, compute what is missing with `bridge backfill "
                "start … --missing`.",
            )
        ]
    if schedule.kind != "none" or bundle.group is None or bundle.partitions_def is not None:
        return []
    inside = {node.key for node in bundle.nodes}
    reads = {dep for node in bundle.nodes for dep in node.spec.deps} - inside
    cut = sorted(str(key) for key in reads if graph.nodes[key].spec.partitions_def is not None)
    whole = sorted(str(key) for key in reads if graph.nodes[key].spec.partitions_def is None)
    if not cut or not whole:
        return []
    return [
        Finding(
            level="warning",
            code="news-in-two-ways",
            about=bundle.dag_id,
            message=f"{bundle.dag_id} has no schedule: Airflow starts a DAG by events with "
            f"partition keys or by those without, and it reads {cut[0]}, which has partitions, and "
            f"{whole[0]}, which has none.",
            hint="Give its assets a job with a schedule, or conditions for `bridge daemon`.",
        )
    ]


def how_it_starts(schedule: Schedule, of: PartitionsDefinition | None) -> list[str]:
    """Sentences for a DAG's doc."""
    names = ", ".join(schedule.assets)
    if schedule.kind == "assets":
        each = f"each of these has been updated: {names}"
        news = schedule.news and f"there are news of {_in_words(schedule.news)}"
        return [f"It runs when {news or each}."]
    if schedule.kind == "keyed assets":
        once = "has news of any partition" if of is None else "has what a partition reads of it"
        return [f"It runs once each of these {once}: {names}."]
    if isinstance(of, TimeWindowPartitionsDefinition) and schedule.crons:
        return _of_windows(schedule, of)
    if schedule.crons:
        return [f"It runs at {' and '.join(schedule.crons)} in {schedule.timezone}."]
    how = "It has no schedule: trigger it by hand, or from another DAG"
    if schedule.kind == "key by hand":
        return [f"{how}, with a partition key."]
    return [f"{how}." if of is None else f'{how}, with the configuration {{"partition": "…"}}.']


def _in_words(news: Mapping[str, Any] | str) -> str:
    if isinstance(news, str):
        return news
    [(quantifier, parts)] = news.items()
    words = [f"({_in_words(each)})" if isinstance(each, Mapping) else each for each in parts]
    return (" or " if quantifier == "any" else " and ").join(words)


def _of_windows(schedule: Schedule, of: TimeWindowPartitionsDefinition) -> list[str]:
    example = of.describe()["start"]
    if schedule.kind == "keys":
        return [
            f"A run has the key of its partition, a {of.unit} in {of.timezone}; for another one, "
            f"trigger it with that partition key, such as {example}."
        ]
    return [
        "A scheduled run computes the partition of its data interval, "
        f"a {of.unit} in {of.timezone}.",
        f'For another one, trigger it with the configuration {{"partition": "{example}"}}.',
    ]


def _partitioned_here(nodes: Sequence[AssetNode], home: Mapping[AssetKey, str]) -> list[AssetNode]:
    """Those of which a DAG of ours has runs with partition keys."""
    return [node for node in nodes if node.spec.partitions_def is not None and node.key in home]


def _uri(node: AssetNode) -> str:
    return asset_uri(node.key, node.spec.uri)
