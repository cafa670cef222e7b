"""Rows of models that are changed in place; SQLModel's tables and their links."""

from __future__ import annotations

import textwrap
from pathlib import Path

import pytest

from adapters.airflow.legacy.take import record_folder
from adapters.airflow.lineage.reading import read_snapshot

MODELS = """
from typing import List
from sqlalchemy import Column, Integer
from sqlalchemy.orm import declarative_base
from sqlmodel import Field, Relationship, SQLModel
Base = declarative_base()
class Order(Base):
    __tablename__ = "orders"
    id = Column(Integer, primary_key=True)
class User(Base):
    __tablename__ = "users"
class Link(SQLModel, table=True):
    hero_id: int = Field(default=None)
class Team(SQLModel, table=True):
    id: int
class Hero(SQLModel, table=True):
    __tablename__ = "heroes"
    teams: List[Team] = Relationship(back_populates="heroes", link_model=Link)
    friends: List["Hero"] = Relationship(back_populates="friends")
class HeroBase(SQLModel):
    id: int
class Villain(HeroBase, table=True):
    pass
class HeroRead(HeroBase):
    pass
"""
HEAD = """
from airflow import DAG
from airflow.operators.python import PythonOperator
from sqlalchemy import create_engine, select
from sqlalchemy.orm import sessionmaker
from models import Hero, HeroRead, Order, Team, User, Villain
session = sessionmaker(bind=create_engine("mysql://h/x"))()
"""
COMMIT = "\nsession.commit()"
CHANGED = {
    "first": "row = session.query(Order).filter_by(id=1).first()\nrow.state = 'x'" + COMMIT,
    "in_a_loop": "for row in session.query(Order).all():\n    row.state = 'x'\n    session.flush()",
    "by_id": "row = session.get(Order, 3)\nrow.count += 1" + COMMIT,
    "selected": "row = session.execute(select(Order).where(1)).scalar_one()\nrow.a = 1" + COMMIT,
    "scalars": "for row in session.scalars(select(Order)):\n    row.a = 1" + COMMIT,
    "at_once": "session.query(Order).with_for_update().one().state = 'x'" + COMMIT,
    "setattr": "row = session.query(Order).first()\nsetattr(row, name, 2)" + COMMIT,
    "or_made": (
        "row = session.query(Order).one_or_none()\nif row is None:\n    row = Order()\n"
        "row.state = 3" + COMMIT
    ),
    "context": "with session.begin():\n    row = session.query(Order).first()\n    row.a = 1",
}
UNCHANGED = {
    "not_kept": "row = session.query(Order).first()\nrow.state = 'x'",
    "only_read": "row = session.query(Order).first()\nstate = row.state" + COMMIT,
    "columns": "for row in session.query(Order.id, Order.state):\n    row.note = 1" + COMMIT,
    "several": "for row in session.execute(select(Order, Order)):\n    row.note = 1" + COMMIT,
    "a_count": "found = session.query(Order).count()\nfound.note = 1" + COMMIT,
    "the_query": "found = session.query(Order)\nfound.note = 1" + COMMIT,
    "a_copy": "data = {}\ndata['x'] = session.query(Order).first().state" + COMMIT,
}
OF_SQLMODEL = {
    "linked": ("session.add(Hero(teams=[Team()]))", [], ["heroes", "link"]),
    "appended": (
        "hero = Hero()\nhero.teams.append(Team())\nsession.add(hero)",
        [],
        ["heroes", "link"],
    ),
    "without_link": ("session.add(Hero(friends=[Hero()]))", [], ["heroes"]),
    "selected": ("session.exec(select(Villain)).all()", ["villain"], []),
    "changed": (
        "hero = session.exec(select(Hero)).first()\nhero.name = 'x'" + COMMIT,
        ["heroes"],
        ["heroes"],
    ),
    "no_table": ("session.add(HeroRead(id=1))", [], []),
}
CORE = {
    "deep": (
        "a, m = Table('a', MetaData(), schema='s'), MetaData()\nb = Table('b', m)\n"
        "session.execute(select(cast(func.get(a.c.x, 'y'), Integer).label('z')).where("
        "cast(a.c.k, Integer).notin_(select(b.c.k))))",
        ["s.a", "b"],
        [],
    ),
    "of_a_delete": (
        "a = Table('a', MetaData())\nsession.execute(delete(a).where(a.c.x == func.get(a.c.y)))",
        [],
        ["a"],
    ),
    "a_column": ("a = Table('a', MetaData())\nfound = func.get(a.c.x, 'y')", [], []),
    "from_a_text": (
        "session.query(Order, User).from_statement(text('select * from more')).all()",
        ["more", "orders", "users"],
        [],
    ),
}


@pytest.mark.parametrize("name", CORE)
def test_statements_of_sqlalchemys_core(tmp_path: Path, name: str) -> None:
    body, reads, writes = CORE[name]
    core = "from sqlalchemy import Integer, MetaData, Table, cast, delete, func, select, text\n"
    found, written = tables(tmp_path, core + body)
    assert (sorted(found), written) == (sorted(reads), writes)


def tables(folder: Path, body: str) -> tuple[list[str], list[str]]:
    """The tables that the function of one task reads, and those that it writes."""
    (folder / "models.py").write_text(MODELS, encoding="utf-8")
    code = f"{HEAD}\ndef work():\n{textwrap.indent(body, '    ')}\n"
    end = "with DAG('x'):\n    PythonOperator(task_id='t', python_callable=work)\n"
    (folder / "dag.py").write_text(code + end, encoding="utf-8")
    (found,) = read_snapshot(record_folder(folder)).values()

    def named(direction: str) -> list[str]:
        uris = [ref.uri for ref in found.datasets if ref.direction == direction]
        return [uri.rpartition("/")[2].removeprefix("x.") for uri in uris]

    return named("read"), named("write")


@pytest.mark.parametrize("name", CHANGED)
def test_a_row_that_is_changed_in_place_is_written(tmp_path: Path, name: str) -> None:
    assert tables(tmp_path, CHANGED[name]) == (["orders"], ["orders"])


@pytest.mark.parametrize("name", UNCHANGED)
def test_what_is_only_read_is_not_written(tmp_path: Path, name: str) -> None:
    assert tables(tmp_path, UNCHANGED[name]) == (["orders"], [])


@pytest.mark.parametrize("name", OF_SQLMODEL)
def test_tables_of_sqlmodel(tmp_path: Path, name: str) -> None:
    body, reads, writes = OF_SQLMODEL[name]
    assert tables(tmp_path, body) == (reads, writes)
