"""Tables that the code base has as objects: models of an ORM, tables of SQLAlchemy."""

import sys
from collections.abc import Iterator
from typing import Any

from . import imported, loaded, objects
from .values import Choice, Instance, Made, SourceClass
from .written import described, is_model

_MOST_ITEMS = 50


def table_of(cls: Any) -> Made | None:
    """The table that a class stands for; None for any other class."""
    name = objects.own(cls, "__tablename__")
    if not isinstance(name, str):
        base = objects.base_of(cls)
        is_model = base is not None and base.chain[-1]["name"] == "SQLModel"
        if not is_model or _options(cls).get("table") is not True:
            return None
        name = cls.name if isinstance(cls, SourceClass) else cls.__name__
        name = name.lower()
    schema = _schema_in(objects.own(cls, "__table_args__")) or _schema_of(cls)
    table = _table(name, schema)
    table.chain[0] = {**table.chain[0], **imported.told(_files_of(cls))}
    return table


def _options(cls: Any) -> dict[str, Any]:
    """`table=True` of `class Order(SQLModel, table=True)`."""
    names = cls.names if isinstance(cls, SourceClass) else vars(cls)
    found = names.get("_options")
    return found if isinstance(found, dict) else {}


def _files_of(cls: Any) -> Iterator[str]:
    """The files of the code base that a class and those it inherits from are defined in."""
    for each in objects.line(cls):
        module = sys.modules.get(each.__module__) if isinstance(each, type) else None
        file = getattr(module, "__file__", None)
        if isinstance(file, str) and loaded.is_own_class(each):
            yield file


def attribute_of(cls: Any, table: Made, name: str) -> Made:
    """`Order.tags`, which is a column or a collection; of a collection through a table of pairs,
    that table and the one behind it.
    """
    through, target = _collection(cls, name)
    named = {"secondary": through, "target": target}
    known = {key: each for key, each in named.items() if each is not None}
    step = {"name": name, "named": known} if through is not None else {"name": name}
    return Made([*table.chain, step])


def is_collection(cls: Any, name: str) -> bool:
    """Whether objects of a class keep a collection there, with its pairs in a table of its own."""
    return _collection(cls, name)[0] is not None


def _collection(cls: Any, name: str) -> tuple[str | None, str | None]:
    """The table of pairs of `relationship("Tag", secondary=…)`, or of SQLModel's
    `Relationship(link_model=…)`, and the table behind it.
    """
    value = objects.own(cls, name)
    step = value.chain[-1] if type(value) is Made else {}
    if step.get("name") == "Relationship":
        return _linked(cls, name, step), None
    pairs = step.get("named", {}).get("secondary")
    if step.get("name") != "relationship" or pairs is None:
        return None, None
    if isinstance(pairs, dict):
        pairs = _name_of(_short(Made(pairs["made_by"]))) if "made_by" in pairs else None
    first = (step.get("arguments") or [None])[0]
    module = sys.modules.get(cls.__module__) if isinstance(cls, type) else None
    other = vars(module).get(first) if module is not None and isinstance(first, str) else None
    target = table_of(other) if isinstance(other, type) else None
    behind = None if target is None else _name_of(target)
    return (pairs if isinstance(pairs, str) else None), behind


def _linked(cls: Any, name: str, step: dict[str, Any]) -> str | None:
    """The table of `link_model=…`: of the class itself, where it is loaded."""
    found = step.get("named", {}).get("link_model")
    if isinstance(found, dict) and "made_by" in found:
        return _name_of(Made(found["made_by"]))
    values = (vars(each).get(name) for each in objects.line(cls) if isinstance(each, type))
    made = loaded.own_dict(next((each for each in values if each is not None), None)).get("_made")
    link = made[2][1].get("link_model") if made is not None and made[2] else None
    table = table_of(link) if isinstance(link, type) else None
    return None if table is None else _name_of(table)


def _name_of(table: Made) -> str | None:
    step = table.chain[0]
    name, schema = (step.get("arguments") or [None])[0], step.get("named", {}).get("schema")
    if not is_model(step) or not isinstance(name, str):
        return None
    return f"{schema}.{name}" if isinstance(schema, str) else name


def _filled(instance: Instance) -> Iterator[Made]:
    """The tables of pairs of the collections that an object was given something for."""
    for name, value in instance.attributes.items():
        through = _collection(instance.cls, name)[0] if isinstance(value, list) and value else None
        if through is not None:
            schema, _, bare = through.rpartition(".")
            yield _table(bare, schema or None)


def as_table(value: Any) -> Any:
    """The table for a model or an object of one, also in a list; any other value as it is."""
    if isinstance(value, (type, SourceClass)):
        return table_of(value) or value
    if isinstance(value, Instance):
        table = table_of(value.cls)
        pairs = list(_filled(value)) if table is not None else []
        return [table, *pairs] if pairs else table or value
    if isinstance(value, Made):
        return _short(value)
    if isinstance(value, list) and any(isinstance(each, Instance) for each in value[:_MOST_ITEMS]):
        found = [as_table(each) for each in value[:_MOST_ITEMS]]
        return [one for each in found for one in (each if isinstance(each, list) else [each])]
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
