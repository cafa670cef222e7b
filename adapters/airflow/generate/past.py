"""Which tasks wait for the run before: those whose earlier partitions a DAG reads. Pure."""

from __future__ import annotations

from collections.abc import Iterable

from bridge.errors import DefinitionError
from bridge.graph import AssetGraph
from bridge.keys import AssetKey
from bridge.nodes import AssetNode
from bridge.partitions import TimeWindowPartitionMapping, mapping_in_words


def refuse_later_partitions(graph: AssetGraph) -> None:
    """Raise DefinitionError where a partition reads windows that begin after its own.

    A scheduled run comes as its window ends, when none of these exists.
    """
    for node in graph:
        if not node.is_executable:
            continue
        for dep, mapping in node.spec.mappings.items():
            if (
                isinstance(mapping, TimeWindowPartitionMapping)
                and max(mapping.start_offset, mapping.end_offset) > 0
            ):
                raise DefinitionError(
                    f"Asset {node.key} reads {dep} by {mapping_in_words(mapping)}, and a DAG runs "
                    "as soon as its own window is over. Let the mapping end with offset 0, or "
                    f"leave the group to `bridge materialize`. At {node.spec.place}"
                )


def read_later(nodes: Iterable[AssetNode]) -> set[AssetKey]:
    """The assets of a DAG of which another run of it reads partitions from before."""
    return {
        dep
        for node in nodes
        for dep, mapping in node.spec.mappings.items()
        if isinstance(mapping, TimeWindowPartitionMapping)
        and min(mapping.start_offset, mapping.end_offset) < 0
    }


def about_mappings(nodes: Iterable[AssetNode], waited_for: Iterable[AssetKey]) -> list[str]:
    """Sentences on what partitions read, and on the tasks that wait for the run before."""
    reads = [
        f"{node.key} reads {'itself' if dep == node.key else dep} ({mapping_in_words(mapping)})"
        for node in nodes
        for dep, mapping in sorted(node.spec.mappings.items(), key=lambda item: item[0].path)
    ]
    if not reads:
        return []
    sentences = [f"By partition, {'; '.join(reads)}."]
    names = ", ".join(str(key) for key in sorted(waited_for, key=lambda key: key.path))
    if names:
        sentences.append(
            f"One run at a time, and the task of each of these waits for its run before: {names}."
        )
    return sentences
