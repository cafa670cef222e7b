"""The value of one asset on its way to its IO manager, partition by partition where it has some."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from bridge.assets import AssetsDefinition
from bridge.errors import OutputError
from bridge.events import PlainValue, metadata_values
from bridge.execution.outcome import Writer
from bridge.execution.values import io_manager_of, require_announced, row_count, type_name
from bridge.io import IOManager, OutputContext
from bridge.keys import AssetKey
from bridge.results import NOT_GIVEN, MaterializeResult, Output

Facts = dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Storing:
    """One asset's result of one call for `partitions`, of which the only one is None for the whole.

    `confirm` raises ClaimLostError where another writer took over one of the partitions that it is
    given the numbers of. `metadata` was said before.
    """

    key: AssetKey
    definition: AssetsDefinition
    partitions: Sequence[str | None]
    writer: Writer
    metadata: Mapping[str, PlainValue]
    confirm: Callable[[slice], None]

    def store(self, result: object) -> list[Facts]:
        """Hand the value to the IO manager; for each partition, what is worth recording about it.

        Raises OutputError for a value that is not by partition where there are several.
        """
        noted: dict[str, PlainValue] = {}
        value = result
        is_plain = not isinstance(result, (Output, MaterializeResult))
        if isinstance(result, (Output, MaterializeResult)):
            value, noted = result.value, metadata_values(result.metadata)
        if value is None or value is NOT_GIVEN:
            if is_plain:
                require_announced(self.definition.function, self.key, None)
            return [{"metadata": noted} for _ in self.partitions]
        manager = io_manager_of(self.writer.graph, self.key, self.writer.resources)
        is_at_once = len(self.partitions) > 1 and getattr(manager, "handles_ranges", False)
        values = [value] if is_at_once else self._by_partition(value)
        if is_plain:
            by_key = () if values[0] is value else values
            require_announced(self.definition.function, self.key, value, by_key)
        if is_at_once:
            return self._store_at_once(manager, value, noted)
        return [self._store_one(manager, n, each, noted) for n, each in enumerate(values)]

    def _store_one(
        self, manager: IOManager, number: int, value: object, noted: Mapping[str, PlainValue]
    ) -> Facts:
        output = self._context(slice(number, number + 1), noted)
        output.partition_key = self.partitions[number]
        manager.handle_output(output, value)
        return {
            "row_count": row_count(value),
            "output_type": type_name(value),
            "metadata": output.metadata,
        }

    def _store_at_once(
        self, manager: IOManager, value: object, noted: Mapping[str, PlainValue]
    ) -> list[Facts]:
        output = self._context(slice(None), noted)
        output.partitions = [name for name in self.partitions if name is not None]
        manager.handle_output(output, value)
        said = {"output_type": type_name(value), "metadata": output.metadata}
        return [dict(said) for _ in self.partitions]

    def _context(self, numbers: slice, noted: Mapping[str, PlainValue]) -> OutputContext:
        spec = self.writer.graph.nodes[self.key].spec
        return OutputContext(
            self.key,
            None,
            self.writer.run_id,
            lambda: self.confirm(numbers),
            {**self.metadata, **noted},
            asset_partitions_def=spec.partitions_def,
            definition_metadata=spec.metadata,
        )

    def _by_partition(self, value: object) -> list[object]:
        """A value for each partition; one partition's may be given as if there were several."""
        names = self.partitions
        policy = self.definition.backfill_policy
        if len(names) == 1:
            takes_several = policy is not None and policy.max_partitions_per_run != 1
            if takes_several and isinstance(value, Mapping) and set(value) == set(names):
                return [value[names[0]]]
            return [value]
        if not isinstance(value, Mapping):
            raise self._wrong(
                f"a {type_name(value)}",
                " Give a dict of one value by partition; or store the data itself and return a "
                "MaterializeResult; or use an IO manager with handles_ranges = True.",
            )
        known = set(names)
        for wrong in (*(n for n in names if n not in value), *(n for n in value if n not in known)):
            how = "also holds" if wrong in value else "is without"
            raise self._wrong(f"a dict that {how} {wrong}", "")
        return [value[name] for name in names]

    def _wrong(self, what: str, hint: str) -> OutputError:
        first, last = self.partitions[0], self.partitions[-1]
        return OutputError(
            f"{self.key} gave {what}, for {len(self.partitions):,} partitions, {first} to {last}."
            f"{hint} At {self.definition.place}"
        )
