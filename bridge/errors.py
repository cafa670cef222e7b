"""Every error this project raises on purpose.

BridgeError
├── DefinitionError            what a user declared cannot stand (asset, check, graph)
│   ├── CycleError             assets depend on each other in a circle
│   └── DuplicateKeyError      two places define one asset
├── LoadError                  a code location does not import
├── ConfigError                settings or a file of ours cannot be read
├── SelectionError             a selection string is wrong or names nothing
├── PartitionError             a partition does not exist or is missing
├── InputError                 an upstream value cannot be loaded
├── OutputError                a value cannot be stored or is not what was announced
├── ExecutionError             user code failed in a run
│   ├── Failure                user code says that it failed
│   └── RetryRequested         user code asks to be called again
├── StoreUnreachableError      the store did not answer
├── StoreVersionError          the store was written by a newer version
├── RemoteUnreachableError     an Airflow did not answer
├── RefusedError               asked for something that is not safe now
│   ├── ClaimRefusedError      somebody else is writing this partition
│   └── ClaimLostError         this writer was overtaken and must not publish
├── DifferenceFound            two things that should be equal are not
└── ImportReadError            a legacy code base cannot be read at all

A message says what failed, the value, and what to do next. `exit_code` is what the command line
ends with.
"""

from collections.abc import Mapping
from typing import ClassVar


class BridgeError(Exception):
    """Something failed in a way we know; the message is for the user, not for us."""

    exit_code: ClassVar[int] = 2


class DefinitionError(BridgeError):
    """What a user declared cannot stand: an asset, a check, or how they fit together."""


class CycleError(DefinitionError):
    """Assets depend on each other in a circle; the message shows the way round."""


class DuplicateKeyError(DefinitionError):
    """Two places define one asset; the message names both."""


class LoadError(BridgeError):
    """A code location does not import; the message ends with the user's own traceback."""


class ConfigError(BridgeError):
    """Settings, or a file this project wrote, cannot be read."""


class SelectionError(BridgeError):
    """A selection string cannot be parsed, or names what does not exist."""


class PartitionError(BridgeError):
    """A partition does not exist, or one is needed and none was given."""


class InputError(BridgeError):
    """An upstream value cannot be loaded."""

    exit_code = 1


class OutputError(BridgeError):
    """A value cannot be stored, or is not of the type its function announced."""

    exit_code = 1


class ExecutionError(BridgeError):
    """User code failed in a run."""

    exit_code = 1


class Failure(ExecutionError):
    """Raised by user code to fail on purpose: with facts, and without a retry if told so."""

    def __init__(
        self,
        description: str | None = None,
        metadata: Mapping[str, object] | None = None,
        allow_retries: bool = True,  # noqa: FBT001, FBT002 - the reference's signature
    ) -> None:
        super().__init__(description or "The function raised Failure.")
        self.metadata = dict(metadata or {})
        self.allow_retries = allow_retries


class RetryRequested(ExecutionError):
    """Raised by user code to be called again, up to `max_retries` times, whatever its policy."""

    def __init__(self, max_retries: int = 1, seconds_to_wait: float | None = None) -> None:
        super().__init__(f"The function asked to be called again, up to {max_retries} times.")
        self.max_retries = max_retries
        self.seconds_to_wait = seconds_to_wait


class StoreUnreachableError(BridgeError):
    """The store did not answer; nothing was recorded and nothing may be assumed."""

    exit_code = 4


class StoreVersionError(BridgeError):
    """The store was written by a newer version of this package."""


class RemoteUnreachableError(BridgeError):
    """An Airflow did not answer, or not in a way we understand."""

    exit_code = 4


class RefusedError(BridgeError):
    """What was asked is possible but not safe now, so it was not done."""

    exit_code = 5


class ClaimRefusedError(RefusedError):
    """Somebody else is writing this asset's partition."""


class ClaimLostError(RefusedError):
    """This writer was overtaken while it worked; its result must not be published."""


class DifferenceFound(BridgeError):
    """Two things that should be equal are not; the message or the output before it shows how."""

    exit_code = 3


class ImportReadError(BridgeError):
    """A legacy code base cannot be read at all."""
