"""What a user's function may ask while it runs."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import dataclass, field

from bridge.errors import PartitionError
from bridge.events import PlainValue, metadata_values
from bridge.keys import AssetKey
from bridge.partitions import PartitionsDefinition, TimeWindow, window_of


@dataclass(slots=True, kw_only=True)
class AssetExecutionContext:
    """The first argument of an asset or check whose function calls it `context`."""

    asset_key: AssetKey
    run_id: str
    partitions_def: PartitionsDefinition | None = None
    partition: str | None = None
    attempt: int = 1
    log: logging.Logger = field(default_factory=lambda: logging.getLogger("bridge.user"))
    metadata: dict[str, PlainValue] = field(default_factory=dict)

    @property
    def has_partition_key(self) -> bool:
        """Whether this run is about one partition."""
        return self.partition is not None

    @property
    def partition_key(self) -> str:
        """The partition of this run. Raises PartitionError where the asset has none."""
        if self.partition is None:
            raise PartitionError(
                f"{self.asset_key} asked for its partition key, but it has no partitions. "
                "Give it partitions_def=, or guard with context.has_partition_key."
            )
        return self.partition

    @property
    def partition_time_window(self) -> TimeWindow:
        """Half-open UTC window of this run's partition.

        Raises PartitionError where there is none.
        """
        key = self.partition_key
        window = None if self.partitions_def is None else window_of(self.partitions_def, key)
        if window is None:
            raise PartitionError(f"{self.asset_key} has no partitions that are windows of time.")
        return window

    def add_output_metadata(self, metadata: Mapping[str, object]) -> None:
        """Add to what is recorded with the materialization.

        Raises DefinitionError for odd values.
        """
        self.metadata.update(metadata_values(metadata))


AssetCheckExecutionContext = AssetExecutionContext


def build_asset_context(
    partition_key: str | None = None, asset_key: AssetKey | str = "test"
) -> AssetExecutionContext:
    """A context for calling an asset's function directly in a test."""
    key = asset_key if isinstance(asset_key, AssetKey) else AssetKey(asset_key)
    return AssetExecutionContext(asset_key=key, run_id="test", partition=partition_key)
