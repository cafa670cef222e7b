"""Asset checks: questions about the data of an asset, asked each time it is materialized."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from enum import Enum
from typing import TYPE_CHECKING, Any, NamedTuple

from bridge.arguments import Arguments, arguments_of
from bridge.errors import DefinitionError
from bridge.events import CheckOutcome, PlainValue, Severity, metadata_values, plain_scalar
from bridge.keys import AssetKey, CoercibleToAssetKey, coerce_keys
from bridge.places import Place, calling_place, place_of, user_place

if TYPE_CHECKING:
    from bridge.conditions import AutomationCondition


class AssetCheckKey(NamedTuple):
    """The name of one check: the asset that it is about, and its own."""

    asset_key: AssetKey
    name: str


class AssetCheckSeverity(str, Enum):
    """How bad a failed check is: a WARN never blocks."""

    WARN = "WARN"
    ERROR = "ERROR"


@dataclass(frozen=True, slots=True)
class AssetCheckSpec:
    """A check's name and the asset it is about.

    `blocking` unset: a failed ERROR stops what is downstream. An explicit True says the same, False
    that nothing is ever stopped. `whole_asset`: it is about the asset as a whole also where one
    partition was computed, and is asked once, after the last of them.
    """

    name: str
    asset: CoercibleToAssetKey
    description: str | None = None
    additional_deps: tuple[CoercibleToAssetKey, ...] = ()
    blocking: bool | None = None
    metadata: Mapping[str, Any] = field(default_factory=dict)
    automation_condition: AutomationCondition | None = None
    whole_asset: bool = False

    def __post_init__(self) -> None:
        if not self.name:
            raise DefinitionError(
                f"A check of {self.asset_key} has an empty name. At {user_place()}"
            )
        if self.asset_key in coerce_keys(self.additional_deps):
            raise DefinitionError(
                f"Check {self.name} names {self.asset_key}, the asset that it is about, in "
                f"additional_deps as well; leave it out there. At {user_place()}"
            )
        if self.automation_condition is not None:
            from bridge.conditions import require_about  # noqa: PLC0415 - only where there is one

            require_about(self.automation_condition, "check", f"Check {self.name}", user_place())

    @property
    def key(self) -> AssetCheckKey:
        """The asset's key and the name."""
        return AssetCheckKey(self.asset_key, self.name)

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
    """One or more checks and the function that answers them; calling it calls the function."""

    specs: tuple[AssetCheckSpec, ...]
    function: Callable[..., Any]
    arguments: Arguments
    place: Place
    can_subset: bool = False

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """The function's own answer, for tests."""
        return self.function(*args, **kwargs)

    @property
    def spec(self) -> AssetCheckSpec:
        """The only check. Raises DefinitionError where the function answers several."""
        if len(self.specs) != 1:
            names = ", ".join(f"{spec.asset_key}:{spec.name}" for spec in self.specs)
            raise DefinitionError(f"One function answers {names}. At {self.place}")
        return self.specs[0]

    @property
    def name(self) -> str:
        """The check's name, unique among those of its asset."""
        return self.spec.name

    @property
    def asset_key(self) -> AssetKey:
        """The checked asset's key."""
        return self.spec.asset_key

    @property
    def asset_keys(self) -> tuple[AssetKey, ...]:
        """The assets that the checks are about, each once."""
        return tuple(dict.fromkeys(spec.asset_key for spec in self.specs))

    @property
    def is_about_whole_assets(self) -> bool:
        """Whether all of its checks are about assets as a whole, whatever partition was made."""
        return all(spec.whole_asset for spec in self.specs)

    @property
    def reads(self) -> tuple[AssetKey, ...]:
        """Other assets that must come before: additional ones, and those taken as arguments."""
        named = (key for spec in self.specs for key in coerce_keys(spec.additional_deps))
        own = self.asset_keys
        return tuple(
            dict.fromkeys(k for k in (*named, *self.arguments.inputs.values()) if k not in own)
        )


def asset_check(
    *,
    asset: CoercibleToAssetKey,
    name: str | None = None,
    description: str | None = None,
    blocking: bool | None = None,
    additional_deps: Iterable[CoercibleToAssetKey] = (),
    metadata: Mapping[str, Any] | None = None,
    automation_condition: AutomationCondition | None = None,
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
            automation_condition=automation_condition,
        )
        arguments = arguments_of(function, known=(key, *deps))
        return AssetChecksDefinition((spec,), function, arguments, place_of(function))

    return decorate


def multi_asset_check(
    *, specs: Iterable[AssetCheckSpec], can_subset: bool = False
) -> Callable[[Callable[..., Any]], AssetChecksDefinition]:
    """Make a function the answer to several checks, of one asset or of several.

    It yields, or returns a list of, AssetCheckResults, each with its `check_name`, and with its
    `asset_key` where checks of two assets share a name. With `can_subset` it asks
    `context.selected_asset_check_keys`.
    """
    several = tuple(specs)
    if not several:
        raise DefinitionError(f"multi_asset_check(specs=[]) has no checks. At {calling_place()}")

    def decorate(function: Callable[..., Any]) -> AssetChecksDefinition:
        named = (key for spec in several for key in coerce_keys(spec.additional_deps))
        known = tuple(dict.fromkeys((*(spec.asset_key for spec in several), *named)))
        arguments = arguments_of(function, known=known)
        return AssetChecksDefinition(
            several, function, arguments, place_of(function), can_subset=can_subset
        )

    return decorate


def spec_answered(result: AssetCheckResult, specs: Iterable[AssetCheckSpec]) -> AssetCheckSpec:
    """Which of several checks a result answers. Raises DefinitionError where it does not say."""
    all_specs = tuple(specs)
    fitting = [
        spec
        for spec in all_specs
        if result.check_name in (None, spec.name) and result.asset_key in (None, spec.asset_key)
    ]
    if len(fitting) == 1:
        return fitting[0]
    names = ", ".join(f"{spec.asset_key}:{spec.name}" for spec in all_specs) or "no checks"
    said = f"check_name={result.check_name!r}, asset_key={result.asset_key!r}"
    raise DefinitionError(
        f"AssetCheckResult({said}) fits {len(fitting)} of the declared checks ({names}). Declare "
        "it in check_specs=, and say which one it answers."
    )
