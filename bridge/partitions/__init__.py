"""How an asset is cut into partitions: the definitions, and which upstream partitions one needs.

Belongs here: pure values about partition keys and windows. Not here: which partitions are there
(the store knows).
"""

from bridge.partitions.definition import PartitionsDefinition, TimeWindow
from bridge.partitions.mapping import upstream_partitions
from bridge.partitions.time import DailyPartitionsDefinition, parse_start

__all__ = [
    "DailyPartitionsDefinition",
    "PartitionsDefinition",
    "TimeWindow",
    "parse_start",
    "upstream_partitions",
]
