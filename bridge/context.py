"""What a user's function may ask while it runs."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from bridge.checks import AssetCheckKey
from bridge.errors import DefinitionError, PartitionError
from bridge.events import PlainValue, metadata_values
from bridge.instance import Instance, KeepsFacts
from bridge.keys import AssetKey
from bridge.later import Later

if TYPE_CHECKING:
    from bridge.partitions import PartitionKeyRange, PartitionsDefinition, TimeWindow, multi, spans
else:
    multi = Later("bridge.partitions.multi")
    spans = Later("bridge.partitions.spans")


class ResourceNamespace:
    """Resources as attributes; one that needs setting up is set up when it is first asked for."""

    __slots__ = ("_given",)

    def __init__(self, given: Mapping[str, Any]) -> None:
        self._given = given

    def __getattr__(self, name: str) -> Any:
        """The resource called so. Raises AttributeError where there is none."""
        if name.startswith("__") or name not in self._given:
            known = ", ".join(sorted(self._given)) or "none"
            raise AttributeError(f"There is no resource {name!r} here (there are: {known}).")
        return self._given[name]

    def __dir__(self) -> list[str]:
        return sorted(self._given)


@dataclass(slots=True, kw_only=True)
class AssetExecutionContext:
    """The first argument of an asset or check whose function calls it `context`.

    `asset_key` is the first where a function computes several; `outputs` are those to compute now,
    by the name of their output. `partitions` are those of the call, none of a whole asset.
    `attempt` counts from one. `instance` is the store's partitions, `config` what the
    function gets as its argument of that name.
    """

    asset_key: AssetKey
    run_id: str
    partitions_def: PartitionsDefinition | None = None
    partitions: Sequence[str] = ()
    attempt: int = 1
    log: logging.Logger = field(default_factory=lambda: logging.getLogger("bridge.user"))
    metadata: dict[str, PlainValue] = field(default_factory=dict)
    outputs: Mapping[str, AssetKey] = field(default_factory=dict)
    selected_asset_check_keys: frozenset[AssetCheckKey] = frozenset()
    given: Mapping[str, Any] = field(default_factory=dict)
    instance: Instance = field(default_factory=Instance)
    config: Any = None
    asset_metadata: dict[AssetKey, dict[str, PlainValue]] = field(default_factory=dict)

    @property
    def selected_asset_keys(self) -> frozenset[AssetKey]:
        """The assets that this call of the function should compute."""
        return frozenset(self.outputs.values()) or frozenset((self.asset_key,))

    @property
    def selected_output_names(self) -> frozenset[str]:
        """The names of the outputs that this call of the function should give."""
        return frozenset(self.outputs)

    @property
    def retry_number(self) -> int:
        """How often the function was called before in this step."""
        return self.attempt - 1

    @property
    def resources(self) -> ResourceNamespace:
        """The resources of the run, as attributes."""
        return ResourceNamespace(self.given)

    @property
    def has_partition_key(self) -> bool:
        """Whether this call is about one partition."""
        return len(self.partitions) == 1

    @property
    def has_partition_key_range(self) -> bool:
        """Whether this call is about several partitions."""
        return len(self.partitions) > 1

    @property
    def partition_key(self) -> str:
        """The partition of this call, a MultiPartitionKey where it has several dimensions.

        Raises PartitionError where the asset has none, and where the call is about several.
        """
        if self.has_partition_key_range:
            first, last = self.partitions[0], self.partitions[-1]
            raise PartitionError(
                f"{self.asset_key} asked for its partition key, but this call computes "
                f"{len(self.partitions):,} partitions at once, {first} to {last}. Ask "
                "context.partition_keys, .partition_key_range or .partition_time_window, or leave "
                "out its backfill_policy."
            )
        (key,) = self.partition_keys
        return key

    @property
    def partition_keys(self) -> list[str]:
        """All partitions of this call, in order. Raises PartitionError where the asset has none."""
        if not self.partitions:
            raise PartitionError(
                f"{self.asset_key} asked for its partition key, but it has no partitions. "
                "Give it partitions_def=, or guard with context.has_partition_key."
            )
        cut = self.partitions_def
        if isinstance(cut, multi.MultiPartitionsDefinition):
            return [multi.MultiPartitionKey(cut.split(key)) for key in self.partitions]
        return list(self.partitions)

    @property
    def partition_key_range(self) -> PartitionKeyRange:
        """The first and the last partition of this call, which are one where it has one.

        Raises PartitionError where the asset has none.
        """
        keys = self.partition_keys
        return spans.PartitionKeyRange(keys[0], keys[-1])

    @property
    def partition_time_window(self) -> TimeWindow:
        """Half-open UTC window of this call's partition, or of all from the first to the last.

        Raises PartitionError where there is none.
        """
        keys, cut = self.partition_keys, self.partitions_def
        window = None if cut is None else spans.span_of(cut, keys)
        if window is None:
            raise PartitionError(f"{self.asset_key} has no partitions that are windows of time.")
        return window

    def add_output_metadata(
        self, metadata: Mapping[str, object], output_name: str | None = None
    ) -> None:
        """Add to what is recorded with the materialization, of one output where there are several.

        Raises DefinitionError for odd values and unknown outputs.
        """
        if output_name is None:
            self.metadata.update(metadata_values(metadata))
        elif output_name in self.outputs:
            self.add_asset_metadata(metadata, self.outputs[output_name])
        else:
            raise DefinitionError(
                f"{self.asset_key}: there is no output {output_name!r} in this call; there are "
                f"{', '.join(self.outputs)}."
            )

    def add_asset_metadata(
        self, metadata: Mapping[str, object], asset_key: AssetKey | str | None = None
    ) -> None:
        """Add to what is recorded with the materialization of one asset, of all unless named."""
        if asset_key is None:
            self.metadata.update(metadata_values(metadata))
            return
        key = AssetKey.from_coercible(asset_key)
        self.asset_metadata.setdefault(key, {}).update(metadata_values(metadata))

    def metadata_of(self, key: AssetKey) -> dict[str, PlainValue]:
        """What was added so far for one asset."""
        return self.metadata | self.asset_metadata.get(key, {})


AssetCheckExecutionContext = AssetExecutionContext


def build_asset_context(
    partition_key: str | None = None,
    asset_key: AssetKey | str = "test",
    resources: Mapping[str, Any] | None = None,
    instance: Instance | KeepsFacts | None = None,
    partition_key_range: PartitionKeyRange | None = None,
    partitions_def: PartitionsDefinition | None = None,
    *,
    config: Any = None,
) -> AssetExecutionContext:
    """A context for calling an asset's function directly in a test.

    `partitions_def` tells the window of a partition, and what lies within `partition_key_range`.

    Without `instance` (an Instance, or a store) it keeps dynamic partitions itself.
    """
    key = asset_key if isinstance(asset_key, AssetKey) else AssetKey(asset_key)
    return AssetExecutionContext(
        asset_key=key,
        run_id="test",
        partitions_def=partitions_def,
        partitions=_asked(partition_key, partition_key_range, partitions_def),
        given=resources or {},
        instance=instance if isinstance(instance, Instance) else Instance(instance),
        config=config,
    )


def _asked(
    key: str | None, span: PartitionKeyRange | None, cut: PartitionsDefinition | None
) -> Sequence[str]:
    if span is None:
        return () if key is None else (key,)
    if key is not None or cut is None:
        raise DefinitionError(
            "build_asset_context(partition_key_range=…) needs partitions_def= to tell what lies "
            "between, and no partition_key=."
        )
    return cut.range(span.start, span.end)
