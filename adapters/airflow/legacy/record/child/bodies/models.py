"""Tables that the code base has as objects: models of an ORM, tables of SQLAlchemy."""

from typing import Any

from . import objects
from .values import Choice, Instance, Made, SourceClass
from .written import described, is_model

_MOST_ITEMS = 50


def table_of(cls: Any) -> Made | None:
    """The table that a class stands for; None for any other class."""
    name = objects.own(cls, "__tablename__")
    if not isinstance(name, str):
        base = objects.base_of(cls)
        if base is None or base.chain[-1]["name"] != "SQLModel":
            return None
        name = cls.name if isinstance(cls, SourceClass) else cls.__name__
        name = name.lower()
    return _table(name, _schema_in(objects.own(cls, "__table_args__")) or _schema_of(cls))


def as_table(value: Any) -> Any:
    """The table for a model or an object of one, also in a list; any other value as it is."""
    if isinstance(value, (type, SourceClass)):
        return table_of(value) or value
    if isinstance(value, Instance):
        return table_of(value.cls) or value
    if isinstance(value, Made):
        return _short(value)
    if isinstance(value, list) and any(isinstance(each, Instance) for each in value[:_MOST_ITEMS]):
        return [as_table(each) for each in value[:_MOST_ITEMS]]
    return value


def is_about_tables(value: Any) -> bool:
    """Whether a value is such a table, or is made of one."""
    if isinstance(value, list):
        return any(map(is_about_tables, value[:_MOST_ITEMS]))
    if isinstance(value, Choice):
        return any(map(is_about_tables, value.values))
    return isinstance(value, Made) and _has_table(value.chain)


def _has_table(chain: list[dict[str, Any]]) -> bool:
    return any(is_model(step) or any(map(_names_one, _given(step))) for step in chain)


def _given(step: dict[str, Any]) -> list[Any]:
    return [*step.get("arguments", []), *step.get("named", {}).values()]


def _names_one(value: Any) -> bool:
    made = value.get("made_by") if isinstance(value, dict) else None
    return isinstance(made, list) and _has_table(made)


def _table(name: str, schema: str | None) -> Made:
    named = {} if schema is None else {"schema": schema}
    return Made([described("Table", [name], named, "sqlalchemy")])


def _short(made: Made) -> Made:
    """A table without its columns, and with the schema that its metadata has."""
    first, *rest = made.chain
    if not is_model(first):
        return made
    name, *others = first["arguments"] or [None]
    if not isinstance(name, str) or (not others and not first.get("named")):
        return made
    schema = first.get("named", {}).get("schema")
    for each in others[:1]:
        steps = each.get("made_by", [{}]) if isinstance(each, dict) else [{}]
        schema = schema or steps[-1].get("named", {}).get("schema")
    return Made([*_table(name, schema if isinstance(schema, str) else None).chain, *rest])


def _schema_in(given: Any) -> str | None:
    for each in given if isinstance(given, list) else [given]:
        schema = each.get("schema") if isinstance(each, dict) else None
        if isinstance(schema, str):
            return schema
    return None


def _schema_of(cls: Any) -> str | None:
    metadata = objects.own(cls, "metadata")
    step = metadata.chain[-1] if isinstance(metadata, Made) else {}
    schema = step.get("named", {}).get("schema")
    return schema if isinstance(schema, str) else None
