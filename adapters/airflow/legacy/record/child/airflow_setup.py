"""Setup and teardown blocks (`with create >> delete: ...`): the edges Airflow adds when such a
block closes.

After `airflow/sdk/definitions/_internal/setup_teardown.py` of 3.3.
"""

from typing import Any


class _Block:
    """One `with` over setups or teardowns and the work done inside."""

    def __init__(self, setups: list[Any], teardowns: list[Any]) -> None:
        self.setups = setups
        self.teardowns = teardowns
        self.work: list[Any] = []


class Blocks:
    """The open blocks, innermost last."""

    def __init__(self) -> None:
        self.begin()

    def begin(self) -> None:
        """Start a file."""
        self.open: list[_Block] = []

    def push(self, tasks: list[Any]) -> None:
        if all(task.is_teardown for task in tasks):
            self.open.append(_Block(_nearest(tasks[0], "upstream_tasks", "is_setup"), tasks))
        else:
            self.open.append(_Block(tasks, _nearest(tasks[0], "downstream_tasks", "is_teardown")))

    def remember(self, task: Any) -> None:
        if self.open:
            self.open[-1].work.append(task)

    def add_task(self, task: Any) -> None:
        """`with setup >> teardown as block: block.add_task(work)`."""
        for one in task.roots:
            self.remember(one)

    def close(self) -> None:
        if not self.open:
            return
        block = self.open.pop()
        work = [task for task in block.work if not task.is_setup and not task.is_teardown]
        firsts = [task for task in work if not task.upstream_tasks] or work[:1]
        lasts = [task for task in work if not task.downstream_tasks] or work[-1:]
        for setup in block.setups:
            setup.set_downstream(firsts)
        for teardown in block.teardowns:
            teardown.set_upstream(lasts)
        if self.open:
            outer = self.open[-1]
            for setup in block.setups:
                setup.set_upstream(outer.setups)
            for teardown in block.teardowns:
                teardown.set_downstream(outer.teardowns)


def _nearest(task: Any, direction: str, wanted: str) -> list[Any]:
    seen: set[int] = set()
    level = list(getattr(task, direction).values())
    while level:
        found = [one for one in level if getattr(one, wanted)]
        if found:
            return found
        seen |= {id(one) for one in level}
        level = [
            further
            for one in level
            for key, further in getattr(one, direction).items()
            if key not in seen
        ]
    return []


class ContextWrapper(list[Any]):
    """`with context_wrapper([a, b]):` opens a block over several tasks."""

    def __enter__(self) -> Any:
        blocks.push([root for task in self for root in task.roots])
        return blocks

    def __exit__(self, *error: object) -> None:
        blocks.close()


blocks = Blocks()
