"""Asset checks: questions about the data of one asset, asked each time it is materialized."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from enum import Enum
from typing import Any

from bridge.arguments import Arguments, arguments_of
from bridge.errors import DefinitionError
from bridge.events import CheckOutcome, PlainValue, Severity, metadata_values, plain_scalar
from bridge.keys import AssetKey, CoercibleToAssetKey, coerce_keys
from bridge.places import Place, place_of


class AssetCheckSeverity(str, Enum):
    """How bad a failed check is: a WARN never blocks."""

    WARN = "WARN"
    ERROR = "ERROR"


@dataclass(frozen=True, slots=True)
class AssetCheckSpec:
    """A check's name and the asset it is about.

    `blocking` unset: a failed ERROR stops what is downstream. An explicit True says the same, False
    that nothing is ever stopped.
    """

    name: str
    asset: CoercibleToAssetKey
    description: str | None = None
    additional_deps: tuple[CoercibleToAssetKey, ...] = ()
    blocking: bool | None = None
    metadata: Mapping[str, Any] = field(default_factory=dict)

    @property
    def asset_key(self) -> AssetKey:
        """The checked asset's key."""
        return AssetKey.from_coercible(self.asset)

    @property
    def is_blocking(self) -> bool:
        """Whether a failed ERROR stops what is downstream."""
        return self.blocking is not False


@dataclass(frozen=True, slots=True, init=False)
class AssetCheckResult:
    """What a check found.

    `asset_key` and `check_name` are only needed where a function answers several.
    """

    passed: bool
    asset_key: AssetKey | None
    check_name: str | None
    metadata: dict[str, PlainValue]
    severity: Severity
    description: str | None

    def __init__(
        self,
        passed: bool,  # noqa: FBT001 - the reference's signature
        asset_key: CoercibleToAssetKey | None = None,
        check_name: str | None = None,
        metadata: Mapping[str, object] | None = None,
        severity: AssetCheckSeverity | Severity = AssetCheckSeverity.ERROR,
        description: str | None = None,
    ) -> None:
        if not isinstance(passed, bool):
            plain = plain_scalar(passed)
            if not isinstance(plain, bool):
                raise DefinitionError(f"AssetCheckResult(passed={passed!r}): give True or False.")
            passed = plain
        key = None if asset_key is None else AssetKey.from_coercible(asset_key)
        values = (
            ("passed", passed),
            ("asset_key", key),
            ("check_name", check_name),
            ("metadata", metadata_values(metadata)),
            ("severity", AssetCheckSeverity(severity).value),
            ("description", description),
        )
        for name, value in values:
            object.__setattr__(self, name, value)

    def outcome(self, spec: AssetCheckSpec) -> CheckOutcome:
        """This result as the fact that is recorded for the check `spec`."""
        return CheckOutcome(
            name=spec.name,
            passed=self.passed,
            severity=self.severity,
            blocking=spec.is_blocking,
        )


@dataclass(frozen=True, slots=True)
class AssetChecksDefinition:
    """A check and the function that answers it; calling it calls the function."""

    spec: AssetCheckSpec
    function: Callable[..., Any]
    arguments: Arguments
    place: Place

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """The function's own answer, for tests."""
        return self.function(*args, **kwargs)

    @property
    def name(self) -> str:
        """The check's name, unique among those of its asset."""
        return self.spec.name

    @property
    def asset_key(self) -> AssetKey:
        """The checked asset's key."""
        return self.spec.asset_key


def asset_check(
    *,
    asset: CoercibleToAssetKey,
    name: str | None = None,
    description: str | None = None,
    blocking: bool | None = None,
    additional_deps: Iterable[CoercibleToAssetKey] = (),
    metadata: Mapping[str, Any] | None = None,
) -> Callable[[Callable[..., Any]], AssetChecksDefinition]:
    """Make a function a check of `asset`.

    The function may take `context` first, the asset's value by the asset's name, and values of
    `additional_deps` by theirs; it returns an AssetCheckResult or a bool.
    """
    key = AssetKey.from_coercible(asset)
    deps = coerce_keys(additional_deps)

    def decorate(function: Callable[..., Any]) -> AssetChecksDefinition:
        spec = AssetCheckSpec(
            name=name or function.__name__,
            asset=key,
            description=description or function.__doc__,
            additional_deps=deps,
            blocking=blocking,
            metadata=metadata_values(metadata),
        )
        arguments = arguments_of(function, known=(key, *deps))
        return AssetChecksDefinition(spec, function, arguments, place_of(function))

    return decorate
