"""How an asset is cut into partitions: definitions, sets of partitions, and mappings between two.

Belongs here: pure values about partition keys and windows. Not here: which partitions are there
(the store knows).
"""

from typing import TYPE_CHECKING

from bridge.later import names_of

if TYPE_CHECKING:
    from bridge.partitions.backward import backward_dimension, in_reading_order
    from bridge.partitions.definition import (
        Description,
        PartitionsDefinition,
        TimePartitions,
        TimeWindow,
    )
    from bridge.partitions.descriptions import from_description
    from bridge.partitions.dimension_mappings import (
        DimensionPartitionMapping,
        MultiPartitionMapping,
        MultiToSingleDimensionPartitionMapping,
    )
    from bridge.partitions.key_mappings import (
        AllPartitionMapping,
        IdentityPartitionMapping,
        LastPartitionMapping,
        SpecificPartitionsPartitionMapping,
        StaticPartitionMapping,
    )
    from bridge.partitions.keyed import (
        DynamicPartitionsDefinition,
        StaticPartitionsDefinition,
        require_partition_names,
    )
    from bridge.partitions.mapping import PartitionMapping, UpstreamPartitions
    from bridge.partitions.multi import (
        MultiPartitionKey,
        MultiPartitionsDefinition,
        dynamic_names,
        require_part,
        window_of,
        with_dynamic_keys,
    )
    from bridge.partitions.needed import inferred_mapping, upstream_partitions
    from bridge.partitions.periods import (
        DailyPartitionsDefinition,
        HourlyPartitionsDefinition,
        MonthlyPartitionsDefinition,
        WeeklyPartitionsDefinition,
    )
    from bridge.partitions.requests import (
        AddDynamicPartitionsRequest,
        DeleteDynamicPartitionsRequest,
        DynamicPartitionsRequest,
    )
    from bridge.partitions.spans import PartitionKeyRange, consecutive, in_chunks, span_of
    from bridge.partitions.subset import (
        PartitionsSubset,
        subset_from_value,
        subset_of,
        subset_of_known,
    )
    from bridge.partitions.time import TimeWindowPartitionsDefinition
    from bridge.partitions.window_mapping import TimeWindowPartitionMapping
    from bridge.partitions.wording import mapping_in_words

# Each name is loaded when it is first used: an asset without partitions needs next to none.
_MODULES = {
    "backward": (
        "backward_dimension",
        "in_reading_order",
    ),
    "definition": (
        "Description",
        "PartitionsDefinition",
        "TimePartitions",
        "TimeWindow",
    ),
    "descriptions": ("from_description",),
    "dimension_mappings": (
        "DimensionPartitionMapping",
        "MultiPartitionMapping",
        "MultiToSingleDimensionPartitionMapping",
    ),
    "key_mappings": (
        "AllPartitionMapping",
        "IdentityPartitionMapping",
        "LastPartitionMapping",
        "SpecificPartitionsPartitionMapping",
        "StaticPartitionMapping",
    ),
    "keyed": (
        "DynamicPartitionsDefinition",
        "StaticPartitionsDefinition",
        "require_partition_names",
    ),
    "mapping": (
        "PartitionMapping",
        "UpstreamPartitions",
    ),
    "multi": (
        "MultiPartitionKey",
        "MultiPartitionsDefinition",
        "dynamic_names",
        "require_part",
        "window_of",
        "with_dynamic_keys",
    ),
    "needed": (
        "inferred_mapping",
        "upstream_partitions",
    ),
    "periods": (
        "DailyPartitionsDefinition",
        "HourlyPartitionsDefinition",
        "MonthlyPartitionsDefinition",
        "WeeklyPartitionsDefinition",
    ),
    "requests": (
        "AddDynamicPartitionsRequest",
        "DeleteDynamicPartitionsRequest",
        "DynamicPartitionsRequest",
    ),
    "spans": (
        "PartitionKeyRange",
        "consecutive",
        "in_chunks",
        "span_of",
    ),
    "subset": (
        "PartitionsSubset",
        "subset_from_value",
        "subset_of",
        "subset_of_known",
    ),
    "time": ("TimeWindowPartitionsDefinition",),
    "window_mapping": ("TimeWindowPartitionMapping",),
    "wording": ("mapping_in_words",),
}

__all__ = [
    "AddDynamicPartitionsRequest",
    "AllPartitionMapping",
    "DailyPartitionsDefinition",
    "DeleteDynamicPartitionsRequest",
    "Description",
    "DimensionPartitionMapping",
    "DynamicPartitionsDefinition",
    "DynamicPartitionsRequest",
    "HourlyPartitionsDefinition",
    "IdentityPartitionMapping",
    "LastPartitionMapping",
    "MonthlyPartitionsDefinition",
    "MultiPartitionKey",
    "MultiPartitionMapping",
    "MultiPartitionsDefinition",
    "MultiToSingleDimensionPartitionMapping",
    "PartitionKeyRange",
    "PartitionMapping",
    "PartitionsDefinition",
    "PartitionsSubset",
    "SpecificPartitionsPartitionMapping",
    "StaticPartitionMapping",
    "StaticPartitionsDefinition",
    "TimePartitions",
    "TimeWindow",
    "TimeWindowPartitionMapping",
    "TimeWindowPartitionsDefinition",
    "UpstreamPartitions",
    "WeeklyPartitionsDefinition",
    "backward_dimension",
    "consecutive",
    "dynamic_names",
    "from_description",
    "in_chunks",
    "in_reading_order",
    "inferred_mapping",
    "mapping_in_words",
    "require_part",
    "require_partition_names",
    "span_of",
    "subset_from_value",
    "subset_of",
    "subset_of_known",
    "upstream_partitions",
    "window_of",
    "with_dynamic_keys",
]

__getattr__ = names_of(__name__, _MODULES)
