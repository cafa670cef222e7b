"""Which partitions an asset may read: of its upstream, of its own past, of the same function."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from bridge.errors import CycleError, DefinitionError, PartitionError
from bridge.keys import AssetKey
from bridge.later import Later
from bridge.nodes import AssetNode
from bridge.specs import AssetSpec

if TYPE_CHECKING:
    from bridge import partitions
else:
    partitions = Later("bridge.partitions")


def refuse_unreadable_partitions(nodes: Mapping[AssetKey, AssetNode]) -> None:
    """Raise DefinitionError where partitions do not go with those upstream.

    CycleError where a partition would have to wait for itself.
    """
    _refuse_reading_oneself(nodes)
    _refuse_reading_what_is_not_made(nodes)
    _refuse_partitions_that_never_meet(nodes)


def reads_itself(spec: AssetSpec) -> CycleError:
    """What to raise where an asset depends on itself."""
    how = f" by {spec.mappings[spec.key]}" if spec.key in spec.mappings else ""
    return CycleError(
        f"Asset {spec.key} depends on itself{how}. Only windows of time may read earlier ones of "
        f"the same asset: AssetDep({str(spec.key)!r}, partition_mapping="
        "TimeWindowPartitionMapping(start_offset=-1, end_offset=-1)), both offsets negative. "
        f"At {spec.place}"
    )


def reads_same_partition(spec: AssetSpec, dep: AssetKey) -> bool:
    """Whether an output reads the same partition of another output of its function."""
    return dep not in spec.mappings or spec.mappings[dep] in (
        partitions.IdentityPartitionMapping(),
        partitions.TimeWindowPartitionMapping(),
    )


def _refuse_reading_oneself(nodes: Mapping[AssetKey, AssetNode]) -> None:
    """Raise CycleError where a partition may read itself, or a later one of the same asset."""
    for key, node in nodes.items():
        mapping = node.spec.mappings.get(key) if node.spec.mappings else None
        if mapping and partitions.backward_dimension(mapping, node.spec.partitions_def) is None:
            raise reads_itself(node.spec)


def _refuse_reading_what_is_not_made(nodes: Mapping[AssetKey, AssetNode]) -> None:
    """Raise CycleError where outputs of one call read other than the same or earlier partitions."""
    for node in nodes.values():
        definition, spec = node.definition, node.spec
        if not spec.mappings or definition is None or definition.can_subset:
            continue
        for dep, mapping in spec.mappings.items():
            is_fine = (
                dep not in definition.keys
                or reads_same_partition(spec, dep)
                or partitions.backward_dimension(mapping, spec.partitions_def) is not None
            )
            if not is_fine:
                raise CycleError(
                    f"Asset {spec.key} reads other partitions of {dep}, by {mapping}, which the "
                    f"same call of {definition.name}() makes. Give the multi_asset "
                    f"can_subset=True, or let the mapping look back. At {spec.place}"
                )


def _refuse_partitions_that_never_meet(nodes: Mapping[AssetKey, AssetNode]) -> None:
    """What outside tasks write may be cut as they like: only what we compute reads by partition."""
    for node in nodes.values():
        ours, mappings = node.spec.partitions_def, node.spec.mappings
        if (ours is None and not mappings) or not node.is_executable:
            continue
        for dep in node.spec.deps:
            theirs, said = nodes[dep].spec.partitions_def, mappings.get(dep)
            if theirs is None or (said is None and (ours is None or theirs is ours)):
                continue
            try:
                (said or partitions.inferred_mapping(theirs, ours)).validate(theirs, ours)
            except PartitionError as error:
                raise DefinitionError(
                    f"Asset {node.key} cannot read {dep} by partition. {error} At {node.spec.place}"
                ) from error
