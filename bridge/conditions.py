"""AutomationCondition: when an asset or a check is to be requested, as a tree of values.

What a condition finds is not here: `bridge.automation` evaluates trees against facts.
"""

from __future__ import annotations

import dataclasses
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta, timezone
from functools import cache
from typing import Literal, TypeAlias, Union

from bridge.calendar import ticks
from bridge.errors import DefinitionError, PartitionError
from bridge.keys import AssetKey, CoercibleToAssetKey
from bridge.places import Place, user_place

Fact: TypeAlias = Literal[
    "missing",
    "run_in_progress",
    "backfill_in_progress",
    "execution_failed",
    "newly_updated",
    "newly_requested",
    "code_version_changed",
    "data_version_changed",
    "will_be_requested",
    "initial_evaluation",
    "executed_with_root_target",
    "check_passed",
    "check_failed",
    "freshness_passed",
    "freshness_warned",
    "freshness_failed",
    "any_deps_nonexistent",
]
AskedOfRuns: TypeAlias = Literal[
    "executed_with_tags", "any_new_update_has_run_tags", "all_new_updates_have_run_tags"
]
Quantifier: TypeAlias = Literal["any", "all"]
Scope: TypeAlias = Literal["asset", "check"]
# A selection string, or the assets themselves.
Chosen: TypeAlias = Union[str, "tuple[AssetKey, ...]"]
_SOME_DAY = datetime(2024, 1, 1, tzinfo=timezone.utc)
_ARTICLE: dict[Scope, str] = {"asset": "an asset", "check": "a check"}
_ONLY_OF: dict[str, Scope] = {
    "check_passed": "check",
    "check_failed": "check",
    "code_version_changed": "asset",
    "data_version_changed": "asset",
    "freshness_passed": "asset",
    "freshness_warned": "asset",
    "freshness_failed": "asset",
}


@dataclass(frozen=True, slots=True)
class AutomationCondition(ABC):
    """Which partitions of an asset to request now: facts, joined by `&`, `|`, `~` and `.since`.

    A value: two of the same make are equal, whatever their labels. `str` gives the label, else the
    expression.
    """

    label: str | None = field(default=None, kw_only=True, compare=False)

    @property
    @abstractmethod
    def expression(self) -> str:
        """The condition as one line of code, what it is made of by its labels."""

    @property
    def children(self) -> tuple[AutomationCondition, ...]:
        """The conditions it is made of."""
        return ()

    def rebuilt(
        self, of: Callable[[AutomationCondition], AutomationCondition]
    ) -> AutomationCondition:
        """The same condition of other children."""
        return self

    def __str__(self) -> str:
        return self.label or self.expression

    def __and__(self, other: AutomationCondition) -> AllOf:
        return AllOf((*_operands(self, AllOf), *_operands(other, AllOf)))

    def __or__(self, other: AutomationCondition) -> AnyOf:
        return AnyOf((*_operands(self, AnyOf), *_operands(other, AnyOf)))

    def __invert__(self) -> Not:
        return Not(self)

    def since(self, reset_condition: AutomationCondition) -> Since:
        """True from when this becomes true until the other does.

        Where both become true between two evaluations, the other wins, unless both say when
        (updates, requests and cron ticks do) and this was later.
        """
        return Since(self, reset_condition)

    def newly_true(self) -> NewlyTrue:
        """True where this is true and was not at the evaluation before."""
        return NewlyTrue(self)

    def since_last_handled(self) -> Since:
        """True from when this becomes true until it is requested or updated.

        What is true already as evaluation begins counts as handled.
        """
        return Since(self, _handled())

    def with_label(self, label: str | None) -> AutomationCondition:
        """The same condition, shown under a name."""
        return dataclasses.replace(self, label=label)

    def without(self, condition: AutomationCondition) -> AutomationCondition:
        """The same without one of the operands that `&` joins.

        Raises DefinitionError where it is none of them.
        """
        own = self.operands if isinstance(self, AllOf) else ()
        kept = tuple(each for each in own if each != condition)
        if len(kept) == len(own):
            known = ", ".join(map(str, own)) or "it joins none with &"
            raise DefinitionError(
                f"{self} cannot do without {condition}, which is none of its operands ({known}). "
                f"At {user_place()}"
            )
        return kept[0] if len(kept) == 1 else AllOf(kept, label=None)

    def replace(
        self, old: AutomationCondition | str, new: AutomationCondition
    ) -> AutomationCondition:
        """The same with `new` wherever `old` stands: a condition, or the label of one.

        What holds it loses its own label.
        """
        if old in (self, self.label, self.expression):
            return new
        return _changed(self, lambda child: child.replace(old, new))

    def allow(self, selection: CoercibleToSelection) -> AutomationCondition:
        """The same, looking only at those upstream (or downstream) assets.

        A text is a selection string, as on the command line; else give keys.
        """
        chosen = _chosen(selection)
        return _narrowed(self, lambda one: dataclasses.replace(one, allowed=(*one.allowed, chosen)))

    def ignore(self, selection: CoercibleToSelection) -> AutomationCondition:
        """The same, looking at all upstream (or downstream) assets but those."""
        chosen = _chosen(selection)
        return _narrowed(self, lambda one: dataclasses.replace(one, ignored=(*one.ignored, chosen)))

    def walk(self) -> Iterator[AutomationCondition]:
        """The condition and all it is made of, parents first."""
        yield self
        for child in self.children:
            yield from child.walk()

    # -- what is known of an asset, a partition or a check -------------------------------------

    @staticmethod
    def missing() -> Operand:
        """Never materialized (a check: not answered about the data that is there)."""
        return _fact("missing")

    @staticmethod
    def run_in_progress() -> Operand:
        """Part of a run that is queued or running."""
        return _fact("run_in_progress")

    @staticmethod
    def backfill_in_progress() -> Operand:
        """Part of a backfill that has not ended."""
        return _fact("backfill_in_progress")

    @staticmethod
    @cache
    def in_progress() -> AutomationCondition:
        """Part of a run or a backfill that has not ended."""
        both = AutomationCondition.run_in_progress() | AutomationCondition.backfill_in_progress()
        return both.with_label("in_progress")

    @staticmethod
    def execution_failed() -> Operand:
        """The last attempt failed."""
        return _fact("execution_failed")

    @staticmethod
    def newly_updated() -> Operand:
        """Materialized, or seen changed outside, since the evaluation before.

        Of a check: answered.
        """
        return _fact("newly_updated")

    @staticmethod
    def newly_requested() -> Operand:
        """Requested by the evaluation before."""
        return _fact("newly_requested")

    @staticmethod
    @cache
    def newly_missing() -> AutomationCondition:
        """Missing, and not so at the evaluation before: mostly a new partition."""
        return AutomationCondition.missing().newly_true().with_label("newly_missing")

    @staticmethod
    def code_version_changed() -> Operand:
        """Its `code_version` is another one than at the evaluation before."""
        return _fact("code_version_changed")

    @staticmethod
    def data_version_changed() -> Operand:
        """Updated since the evaluation before, and with another data version."""
        return _fact("data_version_changed")

    @staticmethod
    @cache
    def cron_tick_passed(cron_schedule: str, cron_timezone: str = "UTC") -> CronTickPassed:
        """A tick of the schedule came since the evaluation before.

        Raises DefinitionError for what is no schedule or zone.
        """
        return CronTickPassed(cron_schedule, cron_timezone)

    @staticmethod
    @cache
    def in_latest_time_window(lookback_delta: timedelta | None = None) -> InLatestTimeWindow:
        """The newest time window, or those that begin within `lookback_delta` of its end.

        Always true for what has no windows of time.
        """
        return InLatestTimeWindow(lookback_delta)

    @staticmethod
    def will_be_requested() -> Operand:
        """Requested by this evaluation, together with what asks."""
        return _fact("will_be_requested")

    @staticmethod
    def initial_evaluation() -> Operand:
        """The first evaluation of this condition."""
        return _fact("initial_evaluation")

    @staticmethod
    def executed_with_root_target() -> Operand:
        """Of an upstream: the run that updated it just now is to update what asks as well."""
        return _fact("executed_with_root_target")

    @staticmethod
    def executed_with_tags(
        *, tag_keys: Iterable[str] = (), tag_values: Mapping[str, str] | None = None
    ) -> RunTags:
        """What was materialized last was so by a run with all of these tags.

        Raises DefinitionError where none are given.
        """
        return _run_tags("executed_with_tags", tag_keys, tag_values)

    @staticmethod
    def any_new_update_has_run_tags(
        *, tag_keys: Iterable[str] = (), tag_values: Mapping[str, str] | None = None
    ) -> RunTags:
        """Updated since the evaluation before, by a run with all of these tags among others.

        Raises DefinitionError where none are given.
        """
        return _run_tags("any_new_update_has_run_tags", tag_keys, tag_values)

    @staticmethod
    def all_new_updates_have_run_tags(
        *, tag_keys: Iterable[str] = (), tag_values: Mapping[str, str] | None = None
    ) -> RunTags:
        """Updated since the evaluation before, and only by runs with all of these tags.

        Raises DefinitionError where none are given.
        """
        return _run_tags("all_new_updates_have_run_tags", tag_keys, tag_values)

    @staticmethod
    def any_deps_nonexistent() -> Operand:
        """It reads upstream partitions that do not exist, or do not exist yet."""
        return _fact("any_deps_nonexistent")

    @staticmethod
    def check_passed() -> Operand:
        """Of a check: its last answer is that it passed."""
        return _fact("check_passed")

    @staticmethod
    def check_failed() -> Operand:
        """Of a check: its last answer is that it failed."""
        return _fact("check_failed")

    @staticmethod
    def freshness_passed() -> Operand:
        """The freshness policy passes."""
        return _fact("freshness_passed")

    @staticmethod
    def freshness_warned() -> Operand:
        """The freshness policy warns."""
        return _fact("freshness_warned")

    @staticmethod
    def freshness_failed() -> Operand:
        """The freshness policy fails."""
        return _fact("freshness_failed")

    # -- what is known of others ---------------------------------------------------------------

    @staticmethod
    def any_deps_match(condition: AutomationCondition) -> DepsMatch:
        """The condition is true for a partition of an upstream asset that this one reads."""
        return DepsMatch(condition, "any")

    @staticmethod
    def all_deps_match(condition: AutomationCondition) -> DepsMatch:
        """The condition is true for every upstream asset, for a partition that this one reads."""
        return DepsMatch(condition, "all")

    @staticmethod
    @cache
    def any_deps_missing() -> AutomationCondition:
        """An upstream partition is missing, and not requested now either."""
        missing = AutomationCondition.missing() & ~AutomationCondition.will_be_requested()
        return DepsMatch(missing, "any", label="any_deps_missing")

    @staticmethod
    @cache
    def any_deps_in_progress() -> AutomationCondition:
        """An upstream partition is being made."""
        return DepsMatch(AutomationCondition.in_progress(), "any", label="any_deps_in_progress")

    @staticmethod
    @cache
    def any_deps_updated() -> AutomationCondition:
        """An upstream partition was updated since the evaluation before, or is requested now.

        Not by a run that is to update this one as well.
        """
        alone = AutomationCondition.newly_updated() & ~_fact("executed_with_root_target")
        updated = alone.with_label("newly_updated_without_root") | _fact("will_be_requested")
        return DepsMatch(updated, "any", label="any_deps_updated")

    @staticmethod
    @cache
    def all_deps_updated_since_cron(
        cron_schedule: str, cron_timezone: str = "UTC"
    ) -> AutomationCondition:
        """Every upstream asset was updated after the last tick, or is requested now."""
        tick = AutomationCondition.cron_tick_passed(cron_schedule, cron_timezone)
        updated = AutomationCondition.newly_updated().since(tick) | _fact("will_be_requested")
        label = f"all_deps_updated_since_cron({cron_schedule}, {cron_timezone})"
        return DepsMatch(updated, "all", label=label)

    @staticmethod
    @cache
    def all_deps_blocking_checks_passed() -> AutomationCondition:
        """Every blocking check of every upstream asset passed, or is requested now."""
        passed = _fact("check_passed") | _fact("will_be_requested")
        checks = ChecksMatch(passed, "all", blocking_only=True)
        return DepsMatch(checks, "all", label="all_deps_blocking_checks_passed")

    @staticmethod
    def any_checks_match(
        condition: AutomationCondition,
        blocking_only: bool = False,  # noqa: FBT001, FBT002 - the reference's signature
    ) -> ChecksMatch:
        """The condition is true for a check of the asset."""
        return ChecksMatch(condition, "any", blocking_only=blocking_only)

    @staticmethod
    def all_checks_match(
        condition: AutomationCondition,
        blocking_only: bool = False,  # noqa: FBT001, FBT002 - the reference's signature
    ) -> ChecksMatch:
        """The condition is true for all checks of the asset."""
        return ChecksMatch(condition, "all", blocking_only=blocking_only)

    @staticmethod
    def asset_matches(key: CoercibleToAssetKey, condition: AutomationCondition) -> AssetMatches:
        """The condition is true for another asset, which need not be upstream."""
        return AssetMatches(condition, AssetKey.from_coercible(key))

    @staticmethod
    @cache
    def any_downstream_conditions() -> AnyDownstream:
        """The condition of something downstream is true."""
        return AnyDownstream()

    # -- whole policies ------------------------------------------------------------------------

    @staticmethod
    @cache
    def eager(*, pick_up_missing: bool = False) -> AllOf:
        """Request once something upstream is new, or a partition is, and nothing is in the way.

        Of time windows only the newest. What is missing when evaluation begins counts as handled,
        unless `pick_up_missing`.
        """
        of = AutomationCondition
        news = of.newly_missing() | of.any_deps_updated()
        kept_out = (of.any_deps_missing(), of.any_deps_in_progress(), of.in_progress())
        return AllOf(
            (
                of.in_latest_time_window(),
                news.since(_handled(from_the_start=not pick_up_missing)),
                *(~each for each in kept_out),
            ),
            label="eager(pick_up_missing=True)" if pick_up_missing else "eager",
        )

    @staticmethod
    @cache
    def on_cron(cron_schedule: str, cron_timezone: str = "UTC") -> AllOf:
        """Request once a tick has passed and everything upstream was updated after it.

        Of time windows only the newest. Raises DefinitionError for what is no schedule or zone.
        """
        of = AutomationCondition
        return AllOf(
            (
                of.in_latest_time_window(),
                of.cron_tick_passed(cron_schedule, cron_timezone).since_last_handled(),
                of.all_deps_updated_since_cron(cron_schedule, cron_timezone),
            ),
            label=f"on_cron({cron_schedule}, {cron_timezone})",
        )

    @staticmethod
    @cache
    def on_missing(*, pick_up_missing: bool = False) -> AllOf:
        """Request what became missing, once everything upstream is there.

        Of time windows only the newest. What is missing when evaluation begins counts as handled,
        unless `pick_up_missing`.
        """
        of = AutomationCondition
        handled = _handled(from_the_start=not pick_up_missing)
        news = of.missing().newly_true().since(handled).with_label("missing_since_last_handled")
        return AllOf(
            (of.in_latest_time_window(), news, ~of.any_deps_missing()),
            label="on_missing(pick_up_missing=True)" if pick_up_missing else "on_missing",
        )


CoercibleToSelection: TypeAlias = "CoercibleToAssetKey | Iterable[CoercibleToAssetKey]"


@dataclass(frozen=True, slots=True)
class Operand(AutomationCondition):
    """A fact that is looked up."""

    fact: Fact

    @property
    def expression(self) -> str:
        """The fact's name."""
        return self.fact


@dataclass(frozen=True, slots=True)
class RunTags(AutomationCondition):
    """What the tags of runs must be: some by name, some with a value."""

    asked: AskedOfRuns
    tag_keys: frozenset[str] = frozenset()
    tag_values: tuple[tuple[str, str], ...] = ()

    @property
    def expression(self) -> str:
        """As it is written."""
        values = (f"{name}={value}" for name, value in self.tag_values)
        return f"{self.asked}({', '.join([*sorted(self.tag_keys), *values])})"

    def holds(self, tags: Mapping[str, str]) -> bool:
        """Whether a run with these tags has them all."""
        return self.tag_keys <= tags.keys() and all(
            tags.get(name) == value for name, value in self.tag_values
        )


@dataclass(frozen=True, slots=True)
class CronTickPassed(AutomationCondition):
    """See `AutomationCondition.cron_tick_passed`."""

    cron_schedule: str
    cron_timezone: str = "UTC"

    def __post_init__(self) -> None:
        try:
            next(ticks(self.cron_schedule, self.cron_timezone).since(_SOME_DAY))
        except PartitionError as error:
            raise DefinitionError(
                f"An automation condition cannot be read: {error} At {user_place()}"
            ) from error

    @property
    def expression(self) -> str:
        """As it is written."""
        return f"cron_tick_passed({self.cron_schedule}, {self.cron_timezone})"


@dataclass(frozen=True, slots=True)
class InLatestTimeWindow(AutomationCondition):
    """See `AutomationCondition.in_latest_time_window`."""

    lookback_delta: timedelta | None = None

    def __post_init__(self) -> None:
        if self.lookback_delta is not None and self.lookback_delta <= timedelta(0):
            raise DefinitionError(
                f"lookback_delta is {self.lookback_delta}; give the length of time before the end "
                f"of the newest window that counts, such as timedelta(days=2). At {user_place()}"
            )

    @property
    def expression(self) -> str:
        """As it is written."""
        lookback = self.lookback_delta
        return "in_latest_time_window" + ("" if lookback is None else f"({lookback})")


@dataclass(frozen=True, slots=True)
class _Joined(AutomationCondition):
    """Several operands."""

    operands: tuple[AutomationCondition, ...]

    @property
    def children(self) -> tuple[AutomationCondition, ...]:
        """The operands."""
        return self.operands

    def rebuilt(self, of: _Change) -> AutomationCondition:
        """The same of other operands."""
        return dataclasses.replace(self, operands=tuple(map(of, self.operands)))


@dataclass(frozen=True, slots=True)
class AllOf(_Joined):
    """True where all operands are."""

    @property
    def expression(self) -> str:
        """The operands, joined."""
        return " & ".join(map(_atom, self.operands))


@dataclass(frozen=True, slots=True)
class AnyOf(_Joined):
    """True where one operand is."""

    @property
    def expression(self) -> str:
        """The operands, joined."""
        return " | ".join(map(_atom, self.operands))


@dataclass(frozen=True, slots=True)
class Since(AutomationCondition):
    """See `AutomationCondition.since`."""

    trigger: AutomationCondition
    reset: AutomationCondition

    @property
    def expression(self) -> str:
        """As it is written."""
        ending = "since_last_handled()" if self.reset == _handled() else f"since({self.reset})"
        return f"{_atom(self.trigger)}.{ending}"

    @property
    def children(self) -> tuple[AutomationCondition, ...]:
        """What sets it, and what resets it."""
        return (self.trigger, self.reset)

    def rebuilt(self, of: _Change) -> AutomationCondition:
        """The same of other conditions."""
        return dataclasses.replace(self, trigger=of(self.trigger), reset=of(self.reset))


@dataclass(frozen=True, slots=True)
class _OfOne(AutomationCondition):
    """One operand."""

    operand: AutomationCondition

    @property
    def children(self) -> tuple[AutomationCondition, ...]:
        """The operand."""
        return (self.operand,)

    def rebuilt(self, of: _Change) -> AutomationCondition:
        """The same of another operand."""
        return dataclasses.replace(self, operand=of(self.operand))


@dataclass(frozen=True, slots=True)
class Not(_OfOne):
    """True where the operand is not."""

    @property
    def expression(self) -> str:
        """The operand, negated."""
        return f"~{_atom(self.operand)}"


@dataclass(frozen=True, slots=True)
class NewlyTrue(_OfOne):
    """See `AutomationCondition.newly_true`."""

    @property
    def expression(self) -> str:
        """As it is written."""
        return f"{_atom(self.operand)}.newly_true()"


@dataclass(frozen=True, slots=True)
class DepsMatch(_OfOne):
    """See `AutomationCondition.any_deps_match` and `.all_deps_match`."""

    quantifier: Quantifier
    allowed: tuple[Chosen, ...] = ()
    ignored: tuple[Chosen, ...] = ()

    @property
    def expression(self) -> str:
        """As it is written."""
        narrowed = _narrowing(self.allowed, self.ignored)
        return f"{self.quantifier}_deps_match({self.operand}){narrowed}"


@dataclass(frozen=True, slots=True)
class ChecksMatch(_OfOne):
    """See `AutomationCondition.any_checks_match` and `.all_checks_match`."""

    quantifier: Quantifier
    blocking_only: bool = field(default=False, kw_only=True)

    @property
    def expression(self) -> str:
        """As it is written."""
        which = ", blocking_only=True" if self.blocking_only else ""
        return f"{self.quantifier}_checks_match({self.operand}{which})"


@dataclass(frozen=True, slots=True)
class AssetMatches(_OfOne):
    """See `AutomationCondition.asset_matches`."""

    key: AssetKey

    @property
    def expression(self) -> str:
        """As it is written."""
        return f"asset_matches({self.key}, {self.operand})"


@dataclass(frozen=True, slots=True)
class AnyDownstream(AutomationCondition):
    """See `AutomationCondition.any_downstream_conditions`."""

    allowed: tuple[Chosen, ...] = ()
    ignored: tuple[Chosen, ...] = ()

    @property
    def expression(self) -> str:
        """As it is written."""
        return "any_downstream_conditions" + _narrowing(self.allowed, self.ignored)


_Change: TypeAlias = Callable[[AutomationCondition], AutomationCondition]
_Narrowable: TypeAlias = DepsMatch | AnyDownstream


def require_about(condition: AutomationCondition, scope: Scope, owner: str, place: Place) -> None:
    """Raise DefinitionError unless it is a condition, and asks assets and checks what they know."""
    if not isinstance(condition, AutomationCondition):
        raise DefinitionError(
            f"{owner} has automation_condition={condition!r}, which is none. Use, say, "
            f"AutomationCondition.eager(). At {place}"
        )
    wrong = _misplaced(condition, scope)
    if wrong is not None:
        about, meant, wrapped = wrong
        raise DefinitionError(
            f"{owner} has an automation condition that asks {_ARTICLE[meant]} for {about}. "
            f"Wrap it in {wrapped}(…). At {place}"
        )


@cache
def _misplaced(condition: AutomationCondition, scope: Scope) -> tuple[str, Scope, str] | None:
    """What asks the wrong one, whom, and what would ask the right one."""
    only: Scope = scope
    if isinstance(condition, Operand):
        only = _ONLY_OF.get(condition.fact, scope)
    elif isinstance(condition, (ChecksMatch, AnyDownstream, RunTags)):
        only = "asset"
    if only != scope:
        return str(condition), scope, f"any_{'check' if only == 'check' else 'dep'}s_match"
    if isinstance(condition, ChecksMatch):
        scope = "check"
    elif isinstance(condition, (DepsMatch, AssetMatches)):
        scope = "asset"
    found = (_misplaced(child, scope) for child in condition.children)
    return next((each for each in found if each is not None), None)


@cache
def _fact(fact: Fact) -> Operand:
    return Operand(fact)


def _run_tags(
    asked: AskedOfRuns, tag_keys: Iterable[str], tag_values: Mapping[str, str] | None
) -> RunTags:
    keys, values = frozenset(tag_keys), tuple(sorted((tag_values or {}).items()))
    if not keys and not values:
        raise DefinitionError(
            f"{asked}() names no tags, so that every run would do; give tag_keys= or tag_values=. "
            f"At {user_place()}"
        )
    return RunTags(asked, keys, values)


@cache
def _handled(*, from_the_start: bool = True) -> AutomationCondition:
    of = AutomationCondition
    handled = of.newly_requested() | of.newly_updated()
    return (handled | of.initial_evaluation() if from_the_start else handled).with_label("handled")


def _operands(
    condition: AutomationCondition, kind: type[_Joined]
) -> tuple[AutomationCondition, ...]:
    """The operands of what has no name of its own, else itself: `a & b & c` joins three."""
    if isinstance(condition, kind) and condition.label is None:
        return condition.operands
    return (condition,)


def _atom(condition: AutomationCondition) -> str:
    """As it stands beside an operator."""
    is_joined = isinstance(condition, _Joined) and condition.label is None
    return f"({condition})" if is_joined else str(condition)


def _chosen(selection: CoercibleToSelection) -> Chosen:
    if isinstance(selection, str):
        return selection
    if isinstance(selection, AssetKey) or not isinstance(selection, Iterable):
        return (AssetKey.from_coercible(selection),)
    return tuple(AssetKey.from_coercible(each) for each in selection)


def _narrowed(
    condition: AutomationCondition, of: Callable[[_Narrowable], AutomationCondition]
) -> AutomationCondition:
    """The same, changed where it first looks at other assets. Raises DefinitionError if never."""
    if not any(isinstance(each, (DepsMatch, AnyDownstream)) for each in condition.walk()):
        raise DefinitionError(
            f"{condition} looks at no other assets, so none can be allowed or ignored. "
            f"At {user_place()}"
        )

    def changed(one: AutomationCondition) -> AutomationCondition:
        if isinstance(one, (DepsMatch, AnyDownstream)):
            return dataclasses.replace(of(one), label=None)
        return _changed(one, changed)

    return changed(condition)


def _changed(condition: AutomationCondition, of: _Change) -> AutomationCondition:
    """The same of changed children, without a label that would say what it was."""
    found = condition.rebuilt(of)
    return condition if found == condition else dataclasses.replace(found, label=None)


def _narrowing(allowed: tuple[Chosen, ...], ignored: tuple[Chosen, ...]) -> str:
    words = [f".allow({_shown(each)})" for each in allowed]
    return "".join([*words, *(f".ignore({_shown(each)})" for each in ignored)])


def _shown(chosen: Chosen) -> str:
    return repr(chosen) if isinstance(chosen, str) else ", ".join(map(str, chosen))
