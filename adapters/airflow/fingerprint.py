"""What a generated task was made from, as eight digits: other ones, and its file is out of date."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from typing import TYPE_CHECKING

from adapters.airflow.own_tasks import is_own_task
from bridge.graph import AssetGraph
from bridge.later import Later
from bridge.nodes import AssetNode

if TYPE_CHECKING:
    from bridge import partitions
else:
    partitions = Later("bridge.partitions")

EXECUTOR_CONFIG = "airflow/executor_config"


def fingerprint(graph: AssetGraph, nodes: Sequence[AssetNode]) -> str:
    """Eight hex digits that change with what the tasks about these assets of one function say.

    Generating writes them down, and the task compares: dependencies, partitions, own tasks of
    checks, what may be left out, retries, pool and tags. A description changes nothing.
    """
    values = {str(node.key): _values(graph, node) for node in nodes}
    text = json.dumps(values, sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()[:8]


def _values(graph: AssetGraph, node: AssetNode) -> dict[str, object]:
    spec, definition = node.spec, node.definition
    cut, config = spec.partitions_def, spec.metadata.get(EXECUTOR_CONFIG)
    return {
        "deps": sorted(map(str, spec.deps)),
        "mappings": sorted(f"{key}: {mapping}" for key, mapping in spec.mappings.items()),
        # other partitions come and go in the store
        "partitions": cut
        and (
            cut.describe()
            if isinstance(cut, partitions.TimeWindowPartitionsDefinition)
            else cut.kind
        ),
        "skippable": spec.skippable,
        "uri": spec.uri,
        "tags": {name: value for name, value in spec.tags.items() if name.startswith("airflow/")},
        **({"executor_config": config} if config is not None else {}),
        "function": [str(key) for key in definition.keys] if definition else [],
        "retries": str(definition and definition.retry_policy),
        "pool": definition and definition.pool,
        "checks": sorted(
            f"{each.asset_key}:{each.name} {each.is_blocking}"
            for check in node.checks
            if is_own_task(check, graph)
            for each in check.specs
        ),
    }
