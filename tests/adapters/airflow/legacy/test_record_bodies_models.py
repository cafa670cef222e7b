"""Tables that a code base has as objects: models of an ORM, tables of SQLAlchemy."""

from __future__ import annotations

import textwrap

import pytest

from adapters.airflow.legacy.take import record_folder
from adapters.airflow.lineage.reading import read_snapshot

MODELS = """
from sqlalchemy import Column, Integer, MetaData, Table
from sqlalchemy.orm import declarative_base
Base = declarative_base()
class Order(Base):
    __tablename__ = "orders"
    __table_args__ = {"schema": "shop"}
    id = Column(Integer, primary_key=True)
class Line(Base):
    __tablename__ = "lines"
    __table_args__ = (Column("x"), {"schema": "shop"})
    id = Column(Integer, primary_key=True)
class Plain:
    name = "plain"
metadata = MetaData(schema="core")
events = Table("events", metadata, Column("id", Integer))
logs = Table("logs", MetaData(), Column("id", Integer), schema="ops")
"""
HEAD = """
from airflow import DAG
from airflow.operators.python import PythonOperator
from sqlalchemy import create_engine, delete, insert, select, text, update
from sqlalchemy.orm import sessionmaker
from models import Line, Order, Plain, events, logs
engine = create_engine("postgresql://h/x")
Session = sessionmaker(bind=engine)
"""
S = "session = Session()\n"
C = "with engine.begin() as connection:\n    connection"
WRITTEN = {
    "query": (S + "session.query(Order).filter(Order.id > 3).all()", ["shop.orders"], []),
    "columns": (S + "session.query(Order.id, Line.id).all()", ["shop.lines", "shop.orders"], []),
    "joined": (
        S + "session.query(Order).join(Line).first()",
        ["shop.lines", "shop.orders"],
        [],
    ),
    "by_id": (S + "session.get(Order, 3)", ["shop.orders"], []),
    "added": (S + "session.add(Line(id=3))", [], ["shop.lines"]),
    "added_many": (
        S + "found = []\nfor x in rows:\n    found.append(Line(id=x))\nsession.add_all(found)",
        [],
        ["shop.lines"],
    ),
    "mappings": (S + "session.bulk_insert_mappings(Order, rows)", [], ["shop.orders"]),
    "deleted": (S + "session.query(Order).filter(Order.id == 3).delete()", ["shop.orders"], None),
    "select": (C + ".execute(select(Order).where(Order.id == 1))", ["shop.orders"], []),
    "select_join": (
        C + ".execute(select(Order.id).join(Line))",
        ["shop.lines", "shop.orders"],
        [],
    ),
    "insert": (C + ".execute(insert(Order).values(id=1))", [], ["shop.orders"]),
    "insert_from": (
        C + ".execute(insert(Order).from_select(['id'], select(Line)))",
        ["shop.lines"],
        ["shop.orders"],
    ),
    "core_insert": (C + ".execute(events.insert(), rows)", [], ["core.events"]),
    "core_select": (C + ".execute(select(logs.c.id))", ["ops.logs"], []),
    "of_a_model": (
        C + ".execute(insert(Order.__table__).values(rows).on_conflict_do_nothing())",
        [],
        ["shop.orders"],
    ),
    "text": (C + ".execute(text('delete from m.t'))", [], ["m.t"]),
    "no_table": (S + "session.add(Plain())\nset().add(3)\nsession.get(Plain, 3)", [], []),
    "no_session": ("Order(id=3)\nselect(Order)", [], []),
}


@pytest.fixture(scope="module")
def found(tmp_path_factory: pytest.TempPathFactory) -> dict[str, tuple[list[str], list[str]]]:
    """What each function reads and writes, of one recording."""
    folder = tmp_path_factory.mktemp("models")
    (folder / "models.py").write_text(MODELS)
    tasks = [f"    PythonOperator(task_id={name!r}, python_callable={name}_)" for name in WRITTEN]
    bodies = [
        f"def {name}_(rows=None):\n{textwrap.indent(body, '    ')}"
        for name, (body, _, _) in WRITTEN.items()
    ]
    dag = ["with DAG('d', schedule=None) as dag:", *tasks, ""]
    (folder / "d.py").write_text("\n".join([HEAD, *bodies, *dag]))
    lineage = read_snapshot(record_folder(folder, "x"))
    return {
        task: (
            sorted(ref.uri for ref in each.datasets if ref.direction == "read"),
            sorted(ref.uri for ref in each.datasets if ref.direction == "write"),
        )
        for (_, _, task), each in lineage.items()
    }


@pytest.mark.parametrize("name", WRITTEN)
def test_tables_as_objects_are_found(
    found: dict[str, tuple[list[str], list[str]]], name: str
) -> None:
    _, reads, writes = WRITTEN[name]

    assert found[name][0] == [f"postgres://h/{each}" for each in reads]
    wanted = reads if writes is None else writes
    assert found[name][1] == [f"postgres://h/{each}" for each in wanted]
