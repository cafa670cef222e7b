"""What is gone over, gathered and assigned: loops, comprehensions, targets."""

import ast
from typing import Any

from . import containers, loaded, rows
from .deciding import truth
from .values import UNKNOWN, Choice, Instance, Made, Some, SourceClass, choice
from .visiting import Visiting
from .written import configured

_MOST_ITEMS = 200


class Gathering(Visiting):
    """Follows what goes over items."""

    def comprehension(self, generators: list[ast.comprehension], element: Any) -> Any:
        """The elements; where what is gone over is not known, what each of them is like."""
        before = dict(self.names)
        found: list[Any] = []
        try:
            is_known = self._turn(generators, element, found)
        finally:  # also where a loop around it is left
            self.names.clear()
            self.names.update(before)
        return found if is_known else Some(found) if found else UNKNOWN

    def _turn(self, left: list[ast.comprehension], element: Any, found: list[Any]) -> bool:
        if not left:
            found.append(element())
            return True
        value = self.visit(left[0].iter)
        items = self.turns(value)
        is_known = items is not None and not isinstance(value, Some)
        for item in (items or [rows.one_of(value)])[:_MOST_ITEMS]:
            self.assign(left[0].target, item)
            holds = [truth(self.visit(each)) for each in left[0].ifs]
            is_known &= None not in holds
            if False not in holds and len(found) < _MOST_ITEMS:
                is_known &= self._turn(left[1:], element, found)
        return is_known

    @staticmethod
    def turns(value: Any) -> list[Any] | None:
        """What a loop goes over; None where it is not known."""
        if isinstance(value, Choice):
            lists = [Gathering.turns(each) or [] for each in value.values]
            return [item for each in lists for item in each] or None
        if isinstance(value, dict):
            return list(value) or None
        if isinstance(value, list):
            return list(value) or None
        if isinstance(value, type):
            members = getattr(value, "__members__", None)
            return [loaded.value_of(each) for each in members.values()] if members else None
        return None

    def assign(self, target: ast.expr, value: Any) -> None:
        """Let a target stand for a value."""
        if isinstance(target, ast.Name) and target.id in self.not_own:
            self.budget.set_elsewhere[(self.scope.file, target.id)] = value
        elif isinstance(target, ast.Name):
            self.names[target.id] = value
        elif isinstance(target, (ast.Tuple, ast.List)):
            self._unpack(target.elts, value)
        elif isinstance(target, ast.Attribute):
            owner = self.visit(target.value)
            if isinstance(owner, Instance):
                owner.attributes[target.attr] = value
                owner.changes += 1
            elif isinstance(owner, (type, SourceClass)):
                self.budget.set_elsewhere[(id(owner), target.attr)] = value
            elif isinstance(owner, Made):
                configured(owner, target.attr, value)
            self.changed(owner, target)
        elif isinstance(target, ast.Subscript):
            owner, key = self.visit(target.value), self.visit(target.slice)
            containers.put(owner, key, value)
        elif isinstance(target, ast.Starred):
            self.assign(target.value, value)

    def changed(self, owner: Any, node: Any) -> None:
        """Something is set in an object."""

    def _unpack(self, targets: list[ast.expr], value: Any) -> None:
        if isinstance(value, Instance) and isinstance(value.cls, type):
            value = [*value.attributes.values()] if issubclass(value.cls, tuple) else value
        if isinstance(value, Choice):
            fitting = [
                one for one in value.values if isinstance(one, list) and len(one) == len(targets)
            ]
            value = (
                [choice([one[n] for one in fitting]) for n in range(len(targets))]
                if fitting
                else UNKNOWN
            )
        known = isinstance(value, list)
        stars = [n for n, each in enumerate(targets) if isinstance(each, ast.Starred)]
        if known and stars and len(value) >= len(targets) - 1:
            at, behind = stars[0], len(targets) - stars[0] - 1
            end = len(value) - behind
            value = [*value[:at], value[at:end], *value[end:]]
        known = known and len(value) == len(targets)
        for index, each in enumerate(targets):
            other = value if isinstance(value, Made) else UNKNOWN
            self.assign(each, value[index] if known else other)
