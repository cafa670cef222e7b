"""Tables and statements that calls made instead of texts: SQLAlchemy's tables, models of an ORM,
`select(…)`, `insert(…)`.
"""

from __future__ import annotations

from collections.abc import Iterator

from pydantic import JsonValue

from adapters.airflow.legacy.datasets import Direction
from adapters.airflow.legacy.snapshot import Call
from adapters.airflow.lineage.families.calls.servers import made_by

_WRITES = frozenset(("insert", "update", "delete", "upsert", "merge"))
_READS = frozenset(
    """
    select select_from join outerjoin from_select exists query aliased union union_all options
    joinedload selectinload subqueryload immediateload contains_eager
    """.split()  # noqa: SIM905
)
_ABOUT = frozenset("where filter filter_by having add_columns with_only_columns".split())  # noqa: SIM905
_DEEPEST = 8

MODELS = """
add|add_all|merge|bulk_save_objects(instance|instances)    - -> model:{instance}
bulk_insert_mappings|bulk_update_mappings(mapper, mappings)  - -> model:{mapper}
query(a, b, c, d, e, f)                                    model:{a} & model:{b} & model:{c} & model:{d} & model:{e} & model:{f} -> -
query(entity).join|outerjoin|select_from(target)           model:{target} -> -
query(entity).options(a, b, c, d)                          model:{a} & model:{b} & model:{c} & model:{d} -> -
query(entity).delete|update(values)                        - -> model:{entity}
get(entity, ident)                                         model:{entity} -> -
exec(statement)                                            sql:{statement} -> -
delete(instance)                                           - -> model:{instance}
"""  # noqa: E501 - a table


def table_named(value: JsonValue) -> str | None:
    """`schema.name` of a table that is at the beginning of the calls that made a value."""
    chain = made_by(value)
    return _named(chain[0]) if chain else None


def tables_named(value: JsonValue) -> Iterator[str]:
    """The table of a model, and those that a collection of it goes through."""
    for direction, name in touched(value):
        if direction == "read":
            yield name


def touched(value: JsonValue, depth: int = 0) -> Iterator[tuple[Direction, str]]:
    """What a statement reads and writes; a table alone is read."""
    chain = made_by(value)
    if not chain or depth > _DEEPEST:
        return
    named = _named(chain[0])
    writes = {step.name for step in chain} & _WRITES
    if named is not None:
        yield "write" if writes else "read", named
    for step in chain:
        for through in (step.named.get("secondary"), step.named.get("target")):
            if isinstance(through, str):
                yield "read", through
        is_part = step.name in _READS or (not writes and _is_about_columns(step))
        for given in (*step.arguments, *step.named.values()) if is_part else ():
            for each in given if isinstance(given, list) else [given]:
                yield from touched(each, depth + 1)
        if step.name in _WRITES and step.arguments:
            table = table_named(step.arguments[0])
            if table is not None:
                yield "write", table


def _is_about_columns(step: Call) -> bool:
    """A condition, or what is made of columns: `cast(orders.c.id, Text)`, `….in_(select(…))`."""
    is_made = (step.module or "").startswith("sqlalchemy") and step.name != "Table"
    return is_made or step.name in _ABOUT or step.name.endswith("in_")


def _named(step: Call) -> str | None:
    if step.name != "Table" or not (step.module or "").startswith("sqlalchemy"):
        return None
    name, schema = step.arguments[0] if step.arguments else None, step.named.get("schema")
    if not isinstance(name, str):
        return None
    return f"{schema}.{name}" if isinstance(schema, str) else name
