"""How Airflow runs a task, as its assets say: pool, retries, and tags that begin so: `airflow/`.

What no tag can hold is in the metadata: `airflow/executor_config`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any, TypeVar

from adapters.airflow.fingerprint import EXECUTOR_CONFIG
from adapters.airflow.generate.manifest import Settings
from bridge.assets import AssetsDefinition
from bridge.errors import DefinitionError
from bridge.metadata import plain_metadata
from bridge.nodes import AssetNode
from bridge.retries import Backoff, RetryPolicy

QUEUE = "airflow/queue"
PRIORITY_WEIGHT = "airflow/priority_weight"
EXECUTION_TIMEOUT_S = "airflow/execution_timeout_s"
EXECUTOR = "airflow/executor"
WAIT_TIMEOUT_S = "airflow/wait_timeout_s"
POKE_INTERVAL_S = "airflow/wait_poke_interval_s"
SOFT_FAIL = "airflow/wait_soft_fail"
PREFIX = "airflow/"
_KNOWN = (
    QUEUE,
    PRIORITY_WEIGHT,
    EXECUTION_TIMEOUT_S,
    EXECUTOR,
    WAIT_TIMEOUT_S,
    POKE_INTERVAL_S,
    SOFT_FAIL,
)
_POD = "pod_override"  # is an object of Kubernetes, which no JSON is
_T = TypeVar("_T")


def of_function(definition: AssetsDefinition | None, nodes: Iterable[AssetNode]) -> Settings:
    """The settings of a task that computes these assets. Raises DefinitionError for a bad tag."""
    beside = of_task_about(nodes := tuple(nodes))
    timeout_s = _said(nodes, EXECUTION_TIMEOUT_S, _seconds, "a number of seconds above zero")
    policy = None if definition is None else definition.retry_policy
    return _with_retries(beside, policy)._replace(
        pool=None if definition is None else definition.pool, execution_timeout_s=timeout_s
    )


def of_fused(
    definitions: Iterable[AssetsDefinition | None], nodes: Iterable[AssetNode]
) -> Settings:
    """The settings of a task of several functions, which retries each of them by itself.

    Raises DefinitionError where they need different pools.
    """
    nodes = tuple(nodes)
    pools = {each.pool: each for each in definitions if each is not None and each.pool}
    if len(pools) > 1:
        names = " and ".join(sorted(f"{each.name} ({pool})" for pool, each in pools.items()))
        raise DefinitionError(
            f"Functions of one task have different pools: {names}. Give them the same, or leave "
            f"their group out of generate.fuse. At {next(iter(pools.values())).place}"
        )
    settings = of_function(None, nodes)
    return settings._replace(pool=next(iter(pools), None))


def of_task_beside(nodes: Iterable[AssetNode]) -> Settings:
    """The settings of a task that checks these assets or tells of them, retried as often as they.

    With assets of several policies, by the one of most retries.
    """
    nodes = tuple(nodes)
    said = [node.definition.retry_policy for node in nodes if node.definition is not None]
    policies = [policy for policy in said if policy is not None]
    most = max(policies, key=lambda policy: policy.max_retries, default=None)
    return _with_retries(of_task_about(nodes), most)


def of_task_about(nodes: Iterable[AssetNode]) -> Settings:
    """What any task about these assets has: it runs where they do, and as early."""
    nodes = tuple(nodes)
    for node in nodes:
        for name in node.spec.tags:
            if name.startswith(PREFIX) and name not in _KNOWN:
                raise DefinitionError(
                    f"Asset {node.key} has the tag {name}, which no task of Airflow has; there are "
                    f"{', '.join(_KNOWN)}. At {node.spec.place}"
                )
    return Settings(
        queue=_said(nodes, QUEUE, _text, "the name of a queue"),
        priority_weight=_said(nodes, PRIORITY_WEIGHT, int, "a whole number"),
        executor=_said(nodes, EXECUTOR, _text, "the name of an executor"),
        executor_config=_executor_config(nodes),
    )


def of_wait(nodes: Iterable[AssetNode], timeout_s: float) -> Settings:
    """The settings of a task that waits for what these assets read, `timeout_s` unless they say."""
    nodes = tuple(nodes)
    said = wait_timeout_s(nodes)
    return of_task_beside(nodes)._replace(
        timeout_s=timeout_s if said is None else said,
        poke_interval_s=_said(nodes, POKE_INTERVAL_S, _seconds, "a number of seconds above zero"),
        soft_fail=_said(nodes, SOFT_FAIL, _truth, "true or false") or False,
    )


def wait_timeout_s(nodes: Iterable[AssetNode]) -> float | None:
    """How long assets wait for what they read, 0 for not at all, None where they do not say."""
    return _said(nodes, WAIT_TIMEOUT_S, _seconds_or_none, "a number of seconds, 0 to wait for none")


def _with_retries(settings: Settings, policy: RetryPolicy | None) -> Settings:
    if policy is None:
        return settings
    return settings._replace(
        retries=policy.max_retries,
        retry_delay_s=policy.delay or 0.0,
        backs_off=policy.backoff is Backoff.EXPONENTIAL,
    )


def _said(
    nodes: Iterable[AssetNode], name: str, read: Callable[[str], _T], wanted: str
) -> _T | None:
    """What the tags of the assets say, all the same. Raises DefinitionError otherwise."""
    found: dict[str, AssetNode] = {}
    for node in nodes:
        if name in node.spec.tags:
            found.setdefault(node.spec.tags[name], node)
    if not found:
        return None
    text, node = next(iter(found.items()))
    if len(found) > 1:
        values = " and ".join(sorted(found))
        raise DefinitionError(
            f"Assets of one task have the tag {name} with {values}. Keep one. At {node.spec.place}"
        )
    try:
        return read(text)
    except ValueError as error:
        raise DefinitionError(
            f"Asset {node.key} has the tag {name} with {text!r}; give {wanted}. At "
            f"{node.spec.place}"
        ) from error


def _executor_config(nodes: Iterable[AssetNode]) -> Mapping[str, Any] | None:
    found: dict[str, Any] = {}
    for node in nodes:
        if EXECUTOR_CONFIG not in node.spec.metadata:
            continue
        config = plain_metadata(node.spec.metadata)[EXECUTOR_CONFIG]
        if not isinstance(config, dict) or _POD in config:
            raise DefinitionError(
                f"Asset {node.key} has the metadata {EXECUTOR_CONFIG} with {config!r}; give a "
                f"dictionary, with the path of a pod_template_file instead of a {_POD}. At "
                f"{node.spec.place}"
            )
        if found and found != config:
            raise DefinitionError(
                f"Assets of one task have the metadata {EXECUTOR_CONFIG} with {found} and "
                f"{config}. Keep one. At {node.spec.place}"
            )
        found = config
    return found or None


def _text(value: str) -> str:
    if not value:
        raise ValueError(value)
    return value


def _truth(value: str) -> bool:
    if value not in ("true", "false"):
        raise ValueError(value)
    return value == "true"


def _seconds_or_none(value: str) -> float:
    return 0.0 if value.strip() == "0" else _seconds(value)


def _seconds(value: str) -> float:
    seconds = float(value)
    if not 0 < seconds < float("inf"):
        raise ValueError(value)
    return seconds
