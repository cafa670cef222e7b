"""BackfillPolicy: how many partitions of an asset one call of its function takes."""

from __future__ import annotations

from dataclasses import dataclass

from bridge.errors import DefinitionError
from bridge.places import user_place


@dataclass(frozen=True, slots=True)
class BackfillPolicy:
    """At most `max_partitions_per_run` partitions a call; None is a whole range at once.

    An asset without a policy gets one partition a call, like `multi_run()`. Raises DefinitionError
    for less than one.
    """

    max_partitions_per_run: int | None = None

    def __post_init__(self) -> None:
        most = self.max_partitions_per_run
        if most is not None and most < 1:
            raise DefinitionError(
                f"BackfillPolicy(max_partitions_per_run={most}): give one or more, or "
                f"BackfillPolicy.single_run() for a whole range at once. At {user_place()}"
            )

    @classmethod
    def single_run(cls) -> BackfillPolicy:
        """One call for a whole range, however long."""
        return cls(None)

    @classmethod
    def multi_run(cls, max_partitions_per_run: int = 1) -> BackfillPolicy:
        """Calls of at most so many partitions."""
        return cls(max_partitions_per_run)
