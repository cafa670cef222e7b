"""Asking one condition, part by part, of one asset or check."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import fields
from hashlib import blake2b
from typing import Any, TypeAlias

from bridge.automation.cursor import Entity, Remembered
from bridge.automation.explanation import Explanation, shown_partitions
from bridge.automation.sets import Kept
from bridge.automation.world import Seen, World
from bridge.conditions import AnyDownstream, AutomationCondition, NewlyTrue, Operand, Since

_OF_NO_STATE = frozenset({"label", "allowed", "ignored"})


class Shapes:
    """What does not depend on who is asked; each condition is looked at once."""

    def __init__(self) -> None:
        self._names: dict[int, tuple[AutomationCondition, str]] = {}
        self._remembering: dict[int, bool] = {}

    def name(self, condition: AutomationCondition) -> str:
        """What tells conditions apart that remember something, wherever in a tree they stand."""
        found = self._names.get(id(condition))
        if found is None:
            parts = [type(condition).__name__]
            children = {id(child) for child in condition.children}
            for each in fields(condition):
                value = getattr(condition, each.name)
                if each.name in _OF_NO_STATE or id(value) in children or each.name == "operands":
                    continue
                parts.append(f"{each.name}={value!r}")
            parts += [self.name(child) for child in condition.children]
            digest = blake2b("\0".join(parts).encode(), digest_size=6).hexdigest()
            found = self._names[id(condition)] = (condition, digest)
        return found[1]

    def remembers(self, condition: AutomationCondition) -> bool:
        """Whether it must be asked each time, also where the answer makes no difference."""
        found = self._remembering.get(id(condition))
        if found is None:
            self.name(condition)  # keeps the object, and so its id
            found = self._remembering[id(condition)] = (
                isinstance(condition, (Since, NewlyTrue, AnyDownstream))
                or (isinstance(condition, Operand) and condition.fact == "code_version_changed")
                or any(self.remembers(child) for child in condition.children)
            )
        return found


class Asking:
    """One evaluation of the condition of one asset or check, the root."""

    def __init__(
        self,
        world: World,
        shapes: Shapes,
        rules: Mapping[type, Rule],
        entity: Entity,
        *,
        is_explained: bool,
    ) -> None:
        self.world, self.shapes = world, shapes
        self._rules = rules
        self.root = world.seen(entity)
        before = world.cursor.evaluated.get(self.root.name)
        is_same_cut = before is not None and before.cut == self.root.partitions.cut
        self.before = before if is_same_cut else None
        self.explanation: Explanation | None = None
        self._sets_before: dict[str, tuple[Kept, int]] = {}
        self._owners: dict[str, AutomationCondition] = {}
        self._sets: dict[str, tuple[Seen, int]] = {}
        self.code_versions: dict[str, str | None] = {}
        self.is_downstream = False
        self._told: list[tuple[Seen, list[Explanation]]] | None = [] if is_explained else None

    def answer(self, condition: AutomationCondition) -> int:
        """The partitions of the root that the condition is true for."""
        return self.ask(condition, self.root, self.root.full)

    def remembered(self) -> Remembered:
        """What the next evaluation must know of this one."""
        sets = {
            place: self._kept(place, seen, bits)
            for place, (seen, bits) in self._sets.items()
            if bits
        }
        return Remembered(self.root.partitions.cut, sets, self.code_versions)

    def _kept(self, place: str, seen: Seen, bits: int) -> Kept:
        """As it was written before, where windows are the same: packing is dear.

        Names are written anew: those that are gone must be forgotten.
        """
        kept, before = self._sets_before.get(place, (None, None))
        is_same = isinstance(kept, dict) and before == bits
        return kept if is_same and kept is not None else seen.partitions.kept(bits)

    def ask(self, condition: AutomationCondition, seen: Seen, asked: int) -> int:
        """Those of the partitions in question that the condition is true for."""
        rule = self._rules[type(condition)]
        if self._told is None:
            return rule(self, condition, seen, asked)
        parts: list[Explanation] = []
        about = self._told[-1][0] if self._told else seen
        self._told.append((seen, parts))
        true = rule(self, condition, seen, asked)
        self._told.pop()
        told = Explanation(
            condition=str(condition),
            of=None if about is seen else str(seen),
            asked=asked.bit_count(),
            true=true.bit_count(),
            is_partitioned=seen.partitions.definition is not None,
            partitions=shown_partitions(seen.partitions.keys(true)),
            parts=tuple(parts),
        )
        if self._told:
            self._told[-1][1].append(told)
        else:
            self.explanation = told
        return true

    @property
    def asks_everything(self) -> bool:
        """Whether also what makes no difference is asked, since somebody wants to read it."""
        return self._told is not None

    def place(self, condition: AutomationCondition, seen: Seen) -> str:
        """Where a condition, asked of someone, remembers.

        Conditions that only look at other assets upstream have one name, so that one may be
        narrowed without forgetting; where both are in a tree, the later one gets a number.
        """
        name = self.shapes.name(condition)
        place = name if seen is self.root else f"{name} {seen.name}"
        number, found = 1, place
        while self._owners.setdefault(found, condition) != condition:
            number += 1
            found = f"{place} {number}"
        return found

    def remember(self, place: str, seen: Seen, bits: int) -> None:
        """Keep a set for the next evaluation."""
        self._sets[place] = seen, bits

    def set_before(self, place: str, seen: Seen) -> int:
        """The set that the evaluation before kept."""
        if self.before is None:
            return 0
        kept = self.before.sets.get(place)
        if kept is None:
            return 0
        bits = seen.partitions.read(kept)
        if bits is None:
            return 0
        self._sets_before[place] = kept, bits
        return bits


# What a kind of condition means: asked by whom, of whom, for the partitions still in question. It
# gives those of them that it is true for.
Rule: TypeAlias = Callable[[Asking, Any, Seen, int], int]
