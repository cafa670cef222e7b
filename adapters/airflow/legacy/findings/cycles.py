"""DAGs that wait for each other in a circle."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

from adapters.airflow.legacy.about import about_dag
from adapters.airflow.legacy.findings.whole import Whole
from adapters.airflow.legacy.flow import Flow, circles_of_dags, flows
from adapters.airflow.legacy.snapshot import Finding

_SHOWN_AT_MOST = 8


def cycles_across_dags(whole: Whole) -> Iterator[Finding]:
    """Circles by what DAGs read of each other, trigger and wait for; those with a DAG in common are
    one finding, which tells the shortest.
    """
    dags = {dag.dag_id: dag for dag in whole.dags}
    ways: dict[tuple[str, str], Flow] = {}
    for flow in flows(whole.dags, whole.lineage):
        ways.setdefault((flow.source, flow.target), flow)
    for circle in circles_of_dags(whole.dags, whole.lineage):
        steps = pairwise([*circle.way, circle.way[0]])
        words = [f"{source} {ways[source, target].words} {target}" for source, target in steps]
        message = f"DAGs go in a circle: {_listed(words, '; ')}"
        if len(circle.things) > len(circle.way):
            inside = _listed(sorted(circle.things), ", ")
            message += f". It meets other circles, of {len(circle.things)} DAGs in all: {inside}"
        yield about_dag(dags[circle.way[0]], "cycle_across_dags", message)


def _listed(words: list[str], between: str) -> str:
    more = len(words) - _SHOWN_AT_MOST
    tail = f"{between}and {more} more" if more > 0 else ""
    return between.join(words[:_SHOWN_AT_MOST]) + tail
