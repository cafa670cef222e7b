"""Assets whose dynamic partitions have been handed the keys that the store knows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from bridge.assets import AssetsDefinition
from bridge.later import Later
from bridge.specs import AssetSpec, replace_partitions

if TYPE_CHECKING:
    from bridge import partitions
    from bridge.partitions import PartitionsDefinition
else:
    partitions = Later("bridge.partitions")


class DynamicallyKnown:
    """Hands keys, by the name they are kept under, to specs and functions; what is shared stays so.

    100,000 keys are put in order once, not for each asset that has them.
    """

    def __init__(self, known: Mapping[str, Sequence[str]]) -> None:
        self._known = known
        self._partitions: dict[PartitionsDefinition, PartitionsDefinition] = {}
        self._definitions: dict[int, AssetsDefinition] = {}

    def spec(self, spec: AssetSpec) -> AssetSpec:
        """The same spec; itself where it has no dynamic partitions."""
        own = spec.partitions_def
        if own is None or not partitions.dynamic_names(own):
            return spec
        if own not in self._partitions:
            self._partitions[own] = partitions.with_dynamic_keys(own, self._known)
        return replace_partitions(spec, self._partitions[own])

    def definition(self, definition: AssetsDefinition | None) -> AssetsDefinition | None:
        """The same function, all of its assets handed their keys; None stays None."""
        if definition is None:
            return None
        if id(definition) not in self._definitions:
            specs = tuple(map(self.spec, definition.specs))
            self._definitions[id(definition)] = replace(definition, specs=specs)
        return self._definitions[id(definition)]
