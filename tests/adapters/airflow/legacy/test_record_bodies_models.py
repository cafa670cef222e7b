"""Tables that a code base has as objects: models of an ORM, tables of SQLAlchemy."""

from __future__ import annotations

import textwrap
from pathlib import Path

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
PAIRS = """
from sqlalchemy import Column, Integer, MetaData, Table
from sqlalchemy.orm import declarative_base, relationship
Base = declarative_base()
pairs = Table("order_tags", Base.metadata, Column("o", Integer), schema="shop")
class Tag(Base):
    __tablename__ = "tags"
class Note(Base):
    __tablename__ = "notes"
class Order(Base):
    __tablename__ = "orders"
    tags = relationship("Tag", secondary=pairs)
    named = relationship("Tag", secondary="named_tags")
    notes = relationship("Note")
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


WITH_PAIRS = {
    "joined": (
        "session.query(Order).join(Order.tags).all()",
        ["orders", "shop.order_tags", "tags"],
        [],
    ),
    "loaded": (
        "session.query(Order).options(selectinload(Order.named)).all()",
        ["named_tags", "orders", "tags"],
        [],
    ),
    "selected": (
        "session.execute(select(Order).join(Order.tags))",
        ["orders", "shop.order_tags", "tags"],
        [],
    ),
    "appended": (
        "order = Order()\norder.tags.append(Tag())\nsession.add(order)",
        [],
        ["orders", "shop.order_tags"],
    ),
    "given": ("session.add_all([Order(named=[Tag()])])", [], ["named_tags", "orders"]),
    "set": (
        "order = Order()\norder.tags = [Tag()]\nsession.merge(order)",
        [],
        ["orders", "shop.order_tags"],
    ),
    "no_pairs": (
        "order = Order(notes=[Note()])\norder.notes.append(Note())\nsession.add(order)",
        [],
        ["orders"],
    ),
    "left_empty": ("order = Order()\nlen(order.tags)\nsession.add(order)", [], ["orders"]),
    "notes": ("session.query(Order).join(Order.notes).all()", ["orders"], []),
}
DIALECT = "from sqlalchemy.dialects.{} import insert\n"
KINDS = {
    "by_the_dialect_of_the_models": (DIALECT.format("postgresql"), "", "postgres", 0.8),
    "by_the_dialect_of_the_function": ("", DIALECT.format("mysql"), "mysql", 0.8),
    "models_first": (DIALECT.format("postgresql"), DIALECT.format("mysql"), "postgres", 0.8),
    "by_a_package_of_dialects": (
        "from sqlalchemy.dialects import (\n    postgresql as pg,\n)\n",
        "",
        "postgres",
        0.8,
    ),
    "by_a_driver": ("", "import pymysql\n", "mysql", 0.6),
    "by_a_driver_of_the_models": ("import snowflake.sqlalchemy as s\n", "", "snowflake", 0.6),
    "redshift_by_drivers_of_postgres": (
        "import sqlalchemy_redshift\n",
        "import psycopg2\n",
        "redshift",
        0.6,
    ),
    "two_dialects": ("", DIALECT.format("mysql") + DIALECT.format("sqlite"), "sql", 0.5),
    "two_drivers": ("import pymysql\n", "import psycopg2\n", "sql", 0.5),
    "another_library": ("", "import sqlite3\nimport duckdb\nimport requests\n", "sql", 0.5),
}


def _uris(folder: Path, head: str, body: str) -> dict[str, list[tuple[str, float]]]:
    """What a function of one task reads and writes."""
    text = textwrap.indent(body, "    ")
    end = "with DAG('d', schedule=None):\n    PythonOperator(task_id='t', python_callable=work)\n"
    (folder / "d.py").write_text(
        "from airflow import DAG\nfrom airflow.operators.python import PythonOperator\n"
        f"{head}\ndef work(session=None):\n{text}\n{end}"
    )
    (each,) = read_snapshot(record_folder(folder, "x")).values()
    return {
        side: sorted((ref.uri, ref.confidence) for ref in each.datasets if ref.direction == side)
        for side in ("read", "write")
    }


@pytest.mark.parametrize("name", WITH_PAIRS)
def test_collections_of_a_model_have_their_pairs_in_a_table(tmp_path: Path, name: str) -> None:
    body, reads, writes = WITH_PAIRS[name]
    (tmp_path / "models.py").write_text(PAIRS)
    head = "from sqlalchemy import select\nfrom sqlalchemy.orm import selectinload\n"

    found = _uris(tmp_path, f"{head}from models import Note, Order, Tag\n", body)

    assert [uri for uri, _ in found["read"]] == [f"sql://{{server}}/{each}" for each in reads]
    assert [uri for uri, _ in found["write"]] == [f"sql://{{server}}/{each}" for each in writes]


@pytest.mark.parametrize("name", KINDS)
def test_the_kind_of_a_database_that_nobody_supplied_is_told_by_imports(
    tmp_path: Path, name: str
) -> None:
    of_models, of_function, kind, confidence = KINDS[name]
    (tmp_path / "models.py").write_text(of_models + PAIRS)

    found = _uris(tmp_path, f"{of_function}from models import Order\n", "session.add(Order())")

    assert found["write"] == [(f"{kind}://{{server}}/orders", confidence)]


def test_an_address_tells_the_kind_of_a_database_whatever_is_imported(tmp_path: Path) -> None:
    head = "import psycopg2, os\nimport pandas as pd\nfrom sqlalchemy import create_engine\n"
    body = (
        "pd.read_sql('select * from a', create_engine('mysql://h/x'))\n"
        "pd.read_sql('select * from b', create_engine(os.environ['DWH']))"
    )

    found = _uris(tmp_path, head, body)

    assert found["read"] == [("mysql://h/x.a", 0.85), ("postgres://{DWH}/b", 0.6)]


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

    assert found[name][0] == [f"postgres://h/x.{each}" for each in reads]
    wanted = reads if writes is None else writes
    assert found[name][1] == [f"postgres://h/x.{each}" for each in wanted]
