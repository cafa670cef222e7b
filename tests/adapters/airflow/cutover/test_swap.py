"""The subclass that a guarded task gets, on an operator of our own."""

import copy
import pickle

import pytest

from adapters.airflow.cutover.guarded import GuardedTask
from adapters.airflow.cutover.swap import guarding, is_guarding, swap
from bridge import AssetKey

RULE = GuardedTask(name="airflow:shop.build", assets=(AssetKey("orders"),))


class BaseOperator:
    """As much of an operator as the swap touches."""

    def __init__(self, task_id: str) -> None:
        self.task_id = task_id
        self.start_from_trigger = True

    def on_kill(self) -> None:
        """What a task does when it is killed."""
        self.task_id = "killed"


class Builds(BaseOperator):
    """An operator of somebody's own."""


def swapped() -> Builds:
    task = Builds("build")
    swap(task, RULE)
    return task


def test_the_class_keeps_its_name_its_module_and_its_family() -> None:
    found = type(swapped())

    assert found is not Builds
    assert is_guarding(found)
    assert issubclass(found, Builds)
    assert (found.__name__, found.__module__, found.__qualname__, found.__doc__) == (
        Builds.__name__,
        Builds.__module__,
        Builds.__qualname__,
        Builds.__doc__,
    )


def test_swapping_twice_changes_nothing() -> None:
    task = swapped()
    once = type(task)

    swap(task, RULE)

    assert type(task) is once


def test_another_rule_takes_the_place_of_the_first() -> None:
    task = swapped()
    once = type(task)

    swap(task, GuardedTask(name=RULE.name, assets=(AssetKey("lines"),)))

    assert type(task) is not once
    assert type(task).__mro__[1] is Builds


def test_of_a_mapped_task_the_class_it_expands_to_is_swapped() -> None:
    class Mapped:
        partial_kwargs: dict[str, object] = {}  # noqa: RUF012
        operator_class: type = Builds

    task = Mapped()
    swap(task, RULE)

    assert type(task) is Mapped
    assert task.operator_class is guarding(Builds, RULE)


def test_a_guarded_task_begins_in_a_worker() -> None:
    assert swapped().start_from_trigger is False


def test_copies_are_guarded_too() -> None:
    task = swapped()

    pickled = pickle.loads(pickle.dumps(task))  # noqa: S301
    for copied in (copy.copy(task), copy.deepcopy(task), pickled):
        assert type(copied) is type(task)
        assert copied.task_id == "build"


def test_a_task_that_is_killed_before_it_decided_ends_its_own_way() -> None:
    task = swapped()

    task.on_kill()

    assert task.task_id == "killed"


def test_a_guarded_task_that_nobody_asked_for_does_not_run() -> None:
    with pytest.raises(RuntimeError, match=r"airflow:shop\.build"):
        swapped().execute({})  # type: ignore[attr-defined]
