"""What a template says about its task: which parts of the Airflow context it uses, whose XCom it
pulls; and the function that a callable really is.
"""

import functools
import re
from typing import Any

# Names that decide which interval a task is about; the rest of the context does not matter here.
TIME_NAMES = frozenset(
    """
    ds ds_nodash ts ts_nodash ts_nodash_with_tz logical_date execution_date
    data_interval_start data_interval_end next_ds next_ds_nodash prev_ds prev_ds_nodash
    yesterday_ds tomorrow_ds next_execution_date prev_execution_date partition_key
    partition_date
    """.split()  # noqa: SIM905
)
_TEMPLATE = re.compile(r"\{\{(.*?)\}\}|\{%(.*?)%\}", re.DOTALL)
_WORD = re.compile(r"[A-Za-z_]\w*")
_PULL = re.compile(r"xcom_pull\(\s*(?:task_ids\s*=\s*)?(\[[^\]]*\]|\(?\s*'[^']*'|\(?\s*\"[^\"]*\")")
_QUOTED = re.compile(r"['\"]([^'\"]+)['\"]")


def names_in_templates(text: str) -> set[str]:
    """The time names a template mentions."""
    inside = " ".join(first or second for first, second in _TEMPLATE.findall(text))
    return set(TIME_NAMES).intersection(_WORD.findall(inside)) if inside else set()


def pulls_in_templates(text: str) -> set[str]:
    """The tasks whose XCom a template pulls."""
    inside = (
        " ".join(first or second for first, second in _TEMPLATE.findall(text))
        if "xcom_pull" in text
        else ""
    )
    return {task_id for group in _PULL.findall(inside) for task_id in _QUOTED.findall(group)}


def plain_function(value: Any) -> Any:
    """The function under partials and decorators."""
    for _ in range(10):
        inner = (
            value.func
            if isinstance(value, functools.partial)
            else value.__dict__.get("__wrapped__", value)
            if (hasattr(value, "__dict__"))
            else value
        )
        if inner is value:
            break
        value = inner
    return value
