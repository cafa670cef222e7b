"""DAGs that wait for each other in a circle."""

from __future__ import annotations

from collections.abc import Iterator
from graphlib import CycleError, TopologicalSorter
from itertools import pairwise

from adapters.airflow.legacy.findings.whole import Whole, about_dag
from adapters.airflow.legacy.flow import Flow, flows
from adapters.airflow.legacy.snapshot import Finding

_SHOWN_AT_MOST = 8


def cycles_across_dags(whole: Whole) -> Iterator[Finding]:
    """Circles by what DAGs read of each other, trigger and wait for; each DAG is in one at most, so
    another circle through it is told when the first is mended.
    """
    dags = {dag.dag_id: dag for dag in whole.dags}
    ways: dict[tuple[str, str], Flow] = {}
    for flow in flows(whole.dags, whole.lineage):
        ways.setdefault((flow.source, flow.target), flow)
    while circle := _circle(ways):
        names = circle[:-1]
        first = names.index(min(names))
        names = names[first:] + names[:first]
        steps = pairwise([*names, names[0]])
        words = [f"{source} {ways[source, target].words} {target}" for source, target in steps]
        more = len(words) - _SHOWN_AT_MOST
        tail = f"; and {more} more" if more > 0 else ""
        message = f"DAGs go in a circle: {'; '.join(words[:_SHOWN_AT_MOST])}{tail}"
        yield about_dag(dags[names[0]], "cycle_across_dags", message)
        told = set(names)
        ways = {edge: flow for edge, flow in ways.items() if not told & set(edge)}


def _circle(ways: dict[tuple[str, str], Flow]) -> list[str]:
    """One circle, its first DAG also last; empty where there is none."""
    order: TopologicalSorter[str] = TopologicalSorter()
    for source, target in ways:
        order.add(target, source)
    try:
        order.prepare()
    except CycleError as error:
        found: list[str] = error.args[1]
        return found
    return []
