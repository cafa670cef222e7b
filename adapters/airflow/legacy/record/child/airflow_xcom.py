"""Stand-in for XComArg: the result of a task as an argument of another, which is an edge."""

from collections.abc import Iterator
from typing import Any

from .airflow_graph import Node, link

MAX_DEPTH = 8  # of a value that is searched for other tasks' results


def xcom_sources(value: Any, depth: int = 0) -> Iterator[Any]:
    """The tasks whose results are somewhere in the value."""
    if isinstance(value, XComArg):
        yield from value.operators
    elif depth > MAX_DEPTH or isinstance(value, (str, bytes)):
        return
    elif isinstance(value, dict):
        for part in value.values():
            yield from xcom_sources(part, depth + 1)
    elif isinstance(value, (list, tuple, set, frozenset)):
        for part in value:
            yield from xcom_sources(part, depth + 1)


class XComArg(Node):
    """The result of one task, or of several put together by map, zip or concat."""

    def __init__(
        self, operator: Any, key: str = "return_value", more: tuple[Any, ...] = ()
    ) -> None:
        self.operator = operator
        self.operators = [operator] if operator is not None else []
        self.operators += [source for part in more for source in xcom_sources(part)]
        self.key = key

    @property
    def roots(self) -> list[Any]:
        return self.operators

    leaves = roots

    def __getitem__(self, key: Any) -> "XComArg":
        return XComArg(
            self.operator, str(key), tuple(XComArg(other) for other in self.operators[1:])
        )

    def __iter__(self) -> Iterator[Any]:
        raise TypeError("'XComArg' object is not iterable")

    def _derived(self, *others: Any, **options: Any) -> "XComArg":
        return XComArg(
            self.operator, self.key, (*(XComArg(other) for other in self.operators[1:]), *others)
        )

    map = filter = zip = concat = _derived

    def as_setup(self) -> Any:
        for operator in self.operators:
            operator.as_setup()
        return self

    def as_teardown(self, **options: Any) -> Any:
        for operator in self.operators:
            operator.as_teardown(**options)
        return self

    def __enter__(self) -> Any:
        return self.operator.__enter__()

    def __exit__(self, *error: object) -> None:
        self.operator.__exit__(*error)

    def __str__(self) -> str:
        task_id = self.operator.task_id if self.operator is not None else "unknown"
        return f"{{{{ task_instance.xcom_pull(task_ids='{task_id}', key='{self.key}') }}}}"

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__") or name == "operators":
            raise AttributeError(name)
        return getattr(self.operator, name)

    @staticmethod
    def apply_upstream_relationship(operator: Any, value: Any) -> None:
        for source in xcom_sources(value):
            link(source, operator)


class MappedArgument(XComArg):
    """An argument of a mapped task group: it comes from whatever the group expands over."""

    def __init__(self, expands: Any) -> None:
        super().__init__(None, more=(expands,))
        self.operator = self.operators[0] if self.operators else None
