"""What schedules and sensors answer: runs to start, why there is none, partitions to add."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from bridge.errors import DefinitionError
from bridge.events import PlainValue, metadata_value
from bridge.keys import AssetKey, CoercibleToAssetKey, coerce_keys
from bridge.partitions import DynamicPartitionsRequest


@dataclass(frozen=True, slots=True, init=False)
class RunRequest:
    """A run that a schedule or a sensor wants.

    A sensor gets one run for a `run_key`, ever; a schedule one for a key and tick. `job_name` and
    `asset_selection` choose where the sensor has several jobs, or only some of a job's assets.
    `partition_key` is one, or a range `first...last`. Raises DefinitionError for values that cannot
    be kept as JSON.
    """

    run_key: str | None
    run_config: Mapping[str, PlainValue]
    tags: Mapping[str, str]
    job_name: str | None
    asset_selection: tuple[AssetKey, ...] | None
    partition_key: str | None

    def __init__(
        self,
        run_key: str | None = None,
        run_config: Mapping[str, object] | None = None,
        tags: Mapping[str, str] | None = None,
        job_name: str | None = None,
        asset_selection: Iterable[CoercibleToAssetKey] | None = None,
        partition_key: str | None = None,
    ) -> None:
        for name, value in (("run_key", run_key), ("partition_key", partition_key)):
            if value is not None and (not isinstance(value, str) or not value):
                raise DefinitionError(f"RunRequest({name}={value!r}): give text that is not empty.")
        set_field = object.__setattr__
        set_field(self, "run_key", run_key)
        set_field(self, "run_config", plain_config(run_config))
        set_field(self, "tags", plain_tags(tags, "RunRequest"))
        set_field(self, "job_name", job_name)
        keys = None if asset_selection is None else coerce_keys(asset_selection)
        set_field(self, "asset_selection", keys)
        set_field(self, "partition_key", partition_key)


@dataclass(frozen=True, slots=True)
class SkipReason:
    """Why there is no run this time."""

    skip_message: str | None = None


@dataclass(frozen=True, slots=True, init=False)
class SensorResult:
    """Everything a sensor may answer at once; `cursor` is what its next evaluation sees."""

    run_requests: tuple[RunRequest, ...]
    skip_reason: SkipReason | None
    cursor: str | None
    dynamic_partitions_requests: tuple[DynamicPartitionsRequest, ...]

    def __init__(
        self,
        run_requests: Iterable[RunRequest] | None = None,
        skip_reason: SkipReason | str | None = None,
        cursor: str | None = None,
        dynamic_partitions_requests: Iterable[DynamicPartitionsRequest] | None = None,
    ) -> None:
        requests = tuple(run_requests or ())
        if requests and skip_reason:
            raise DefinitionError(
                "SensorResult has run requests and a skip reason; it can only be one of them."
            )
        reason = SkipReason(skip_reason) if isinstance(skip_reason, str) else skip_reason
        set_field = object.__setattr__
        set_field(self, "run_requests", requests)
        set_field(self, "skip_reason", reason)
        set_field(self, "cursor", cursor)
        set_field(self, "dynamic_partitions_requests", tuple(dynamic_partitions_requests or ()))


def settled_answer(answer: object, who: str) -> SensorResult:
    """What a user's function returned or yielded, in one form; nothing at all is a skip.

    Raises DefinitionError, naming `who`, for anything that is no answer.
    """
    if answer is None:
        items: list[object] = []
    elif isinstance(answer, (list, tuple, Iterator)):
        items = list(answer)
    else:
        items = [answer]
    if len(items) == 1 and isinstance(items[0], SensorResult):
        return items[0]
    requests = [each for each in items if isinstance(each, RunRequest)]
    reasons = [each for each in items if isinstance(each, SkipReason)]
    if len(requests) + len(reasons) < len(items):
        known = (RunRequest, SkipReason)
        raise _no_answer(next(each for each in items if not isinstance(each, known)), who)
    if requests and reasons:
        raise DefinitionError(f"{who} gave run requests and a SkipReason; it can only be one.")
    return SensorResult(requests, reasons[-1] if reasons else None)


def _no_answer(answer: object, who: str) -> DefinitionError:
    return DefinitionError(
        f"{who} gave a {type(answer).__name__}: {answer!r}. Give RunRequest, SkipReason, a list "
        "of RunRequests, a SensorResult alone, or nothing."
    )


def plain_config(values: Mapping[str, object] | None) -> dict[str, PlainValue]:
    """Configuration as JSON: the values of each function's `config` by the function's name.

    Raises DefinitionError for what JSON cannot hold.
    """
    found = {}
    for name, value in (values or {}).items():
        dump = getattr(value, "model_dump", None)
        found[name] = metadata_value(f"run_config {name}", dump(mode="json") if dump else value)
    return found


def plain_tags(tags: Mapping[str, str] | None, who: str) -> dict[str, str]:
    """Tags of a run. Raises DefinitionError where one is no text."""
    for name, value in (tags or {}).items():
        if not isinstance(name, str) or not isinstance(value, str):
            raise DefinitionError(f"{who} has the tag {name!r}: {value!r}; tags are text.")
    return dict(tags or {})
