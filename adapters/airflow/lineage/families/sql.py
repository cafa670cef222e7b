"""Operators that run SQL: any with a `sql`, `hql` or `query` argument, inline or in a template
file.
"""

from __future__ import annotations

from collections.abc import Sequence

from pydantic import JsonValue

from adapters.airflow.legacy.datasets import DatasetRef, Direction
from adapters.airflow.legacy.snapshot import Finding, Task
from adapters.airflow.lineage.certainty import is_told, rated
from adapters.airflow.lineage.context import (
    UNKNOWN_DATABASE,
    LineageContext,
    Reading,
    class_names,
    connection_of,
    text_of,
)
from adapters.airflow.lineage.families import bigquery_jobs as jobs
from adapters.airflow.lineage.sql_reading import Statement
from adapters.airflow.lineage.sql_words import place
from adapters.airflow.lineage.table_names import of_hook, whole
from adapters.airflow.lineage.templates import Marks, render
from adapters.airflow.lineage.values import at
from bridge.uris import canonical, table

CERTAIN, WITH_MARK, GUESSED_DATABASE, GUESSED = 0.95, 0.8, 0.85, 0.5
_ARGUMENTS = ("sql", "hql", "bql", "query")
# Inside of other arguments: of BigQuery's jobs, of Dataproc's.
_INSIDE = (
    "configuration.query.query",
    *(
        f"{outer}.{kind}_job.{inside}"
        for outer in ("job", "template.jobs.*")
        for kind in ("hive", "spark_sql", "presto", "trino", "pig")
        for inside in ("query_list.queries", "query_file_uri")
    ),
)
# A `query` of these is no SQL.
_NOT_SQL = (
    "Elasticsearch",
    "Mongo",
    "Prometheus",
    "Graphql",
    "GraphQL",
    "Kusto",
    "Neo4j",
    "Cypher",
    "Slack",
    "Jira",
    "Search",
)


def applies(task: Task) -> bool:
    """An operator or sensor whose arguments hold SQL text."""
    return not asks_no_sql(task) and bool(_sources(task))


def asks_no_sql(task: Task) -> bool:
    """Whether the `query` of such a class is in another language."""
    name = class_names(task)[0]
    return any(word in name for word in _NOT_SQL)


def _sources(task: Task) -> list[JsonValue]:
    found = [task.arguments[name] for name in _ARGUMENTS if name in task.arguments]
    found += [one for path in _INSIDE for one in at(task.arguments, path)]
    procedure = text_of(task.arguments.get("procedure"))
    if procedure and "StoredProcedure" in class_names(task)[0]:
        found.append(f"CALL {procedure}()")
    expanded = task.arguments.get("expand")
    if isinstance(expanded, dict):
        found += [expanded[name] for name in _ARGUMENTS if name in expanded]
    return [value for value in found if _may_be_sql(value)]


def _may_be_sql(value: JsonValue) -> bool:
    """Several words, a template or the name of a file; a single word means something else."""
    if isinstance(value, list):
        return bool(value)
    return isinstance(value, str) and (
        " " in value.strip() or "\n" in value.strip() or "{" in value or names_a_file(value.strip())
    )


def read(task: Task, context: LineageContext) -> Reading:
    """Tables of every statement; what could not be read is a finding, and then neither side counts
    as known.
    """
    connection = connection_of(task)
    scheme = _scheme_of_job(task) or context.scheme(task, connection)
    datasets: list[DatasetRef] = []
    findings: list[Finding] = []
    complete = True
    for text, file, line in _texts(_sources(task), task, context, findings):
        rendered, marks, problem = render(text, context.values(task), context.files)
        if problem is not None:
            findings.append(
                context.finding(
                    task,
                    "template_not_rendered",
                    f"the template is read unrendered: {problem}",
                    "info",
                )
            )
        script = context.routines.script(rendered, context.dialect(scheme))
        for number, what in script.problems:
            place = f" ({file} line {number})" if file else ""
            findings.append(context.finding(task, "sql_not_read", f"{what}{place}"))
            complete = False
        for statement in script.statements:
            place_of = (file or task.file or context.dag.file, statement.line if file else line)
            datasets += _refs(statement, marks, Names(task, scheme, connection), place_of)
    if isinstance(task.arguments.get("configuration"), dict):
        datasets = jobs.with_definitions(task, context, datasets)
        datasets += jobs.destination(task, context, datasets)
    datasets += _result_file(task, context)
    complete = complete and not findings_block(findings)
    return Reading(
        datasets=tuple(datasets),
        findings=tuple(findings),
        reads_known=complete or bool(datasets),
        writes_known=complete,
    )


def sql_of(task: Task, context: LineageContext) -> list[tuple[str, Marks]]:
    """Every piece of the task's SQL that could be found, rendered."""
    pieces = _texts(_sources(task), task, context, [])
    return [render(text, context.values(task), context.files)[:2] for text, _, _ in pieces]


def findings_block(findings: list[Finding]) -> bool:
    """Does a finding say that some SQL was not seen at all?"""
    return any(found.code in ("template_not_found", "sql_not_literal") for found in findings)


def tables_read(
    source: JsonValue, task: Task, context: LineageContext, scheme: str, connection: str
) -> tuple[list[str], list[Finding]]:
    """The URIs of all tables that SQL in an argument reads, and what of it could not be read."""
    names = Names(task, scheme, connection)
    uris: list[str] = []
    findings: list[Finding] = []
    for text, _, _ in _texts([source], task, context, findings):
        rendered, marks, _ = render(text, context.values(task), context.files)
        script = context.routines.script(rendered, context.dialect(scheme))
        findings += [context.finding(task, "sql_not_read", what) for _, what in script.problems]
        uris += [names.uri(name, marks) for each in script.statements for name in each.reads]
    return list(dict.fromkeys(uris)), findings


def statement_refs(
    rendered: str, marks: Marks, task: Task, context: LineageContext, names: Names
) -> tuple[list[DatasetRef], list[Finding]]:
    """What SQL found inside something else reads and writes, and what of it could not be read."""
    script = context.routines.script(rendered, context.dialect(names.scheme))
    place = (task.file or context.dag.file, task.line)
    return (
        [ref for each in script.statements for ref in _refs(each, marks, names, place)],
        [context.finding(task, "sql_not_read", what) for _, what in script.problems],
    )


def names_a_file(text: str) -> bool:
    """Whether an argument is not SQL itself but the name of a template file."""
    return text.endswith((".sql", ".hql", ".ddl", ".dml")) and "\n" not in text


def _texts(
    sources: Sequence[JsonValue], task: Task, context: LineageContext, findings: list[Finding]
) -> list[tuple[str, str | None, int | None]]:
    """(SQL, template file or None, line) of every piece."""
    found: list[tuple[str, str | None, int | None]] = []
    for source in sources:
        for piece in source if isinstance(source, list) else [source]:
            text = text_of(piece)
            if text is None:
                findings.append(
                    context.finding(
                        task, "sql_not_literal", "a piece of its SQL is computed at run time"
                    )
                )
                continue
            name = text.strip()
            if names_a_file(name):
                template = context.dag.templates.get(name) or context.dag.templates.get(text)
                if template is None or template.text is None:
                    findings.append(
                        context.finding(
                            task, "template_not_found", f"its SQL file {name} was not found"
                        )
                    )
                else:
                    found.append((template.text, template.path, None))
            else:
                found.append((text, None, task.line))
    return found


class Names:
    """Turns a table's name into its URI, with the database and schema that are told, else those
    of the operator.
    """

    def __init__(
        self,
        task: Task,
        scheme: str,
        connection: str | None,
        database: str | None = None,
        schema: str | None = None,
    ) -> None:
        self.scheme = scheme
        self.authority = connection or ""
        given = task.arguments
        params = given.get("hook_params")
        words = params if isinstance(params, dict) else {}
        inside = of_hook(scheme, text_of(words.get("database")), text_of(words.get("schema")))
        schema = schema or text_of(given.get("schema")) or jobs.default_dataset(task)
        database = database or text_of(given.get("catalog", given.get("database")))
        self.schema, self.database = schema or inside[1], database or inside[0]

    def uri(self, name: str, marks: Marks) -> str:
        """The dataset of a table, of a file by its URL, of a stage by its `@`."""
        if "://" in name:
            return marks.put_back(str(canonical(name)))
        stage, slash, path = name.partition("/") if name.startswith("@") else (name, "", "")
        if self.scheme == "bigquery":
            stage = stage.replace(":", ".", 1)  # legacy SQL: `[project:dataset.table]`
        own = stage.startswith(("@~", "@%"))
        full = whole(
            stage.lstrip("@"),
            self.scheme,
            None if stage.startswith("@") else self.database,
            None if own else self.schema,
        )
        authority = "" if self.scheme == "bigquery" and full.count(".") == 2 else self.authority  # noqa: PLR2004
        full = ("@" if name.startswith("@") else "") + full + slash + path
        return marks.put_back(str(table(self.scheme, authority or "default", full)))

    def confidence(self, name: str, marks: Marks) -> float:
        """How sure the name is: not at all where nobody knows the table or the bucket."""
        if marks.has_marks(name):
            return rated(self.uri(name, marks), WITH_MARK)
        return GUESSED_DATABASE if self.scheme == UNKNOWN_DATABASE else CERTAIN


def _refs(
    statement: Statement, marks: Marks, names: Names, place: tuple[str, int | None]
) -> list[DatasetRef]:
    reads = tuple(dict.fromkeys(names.uri(name, marks) for name in statement.reads))
    both: list[tuple[Direction, tuple[str, ...]]] = [
        ("read", statement.reads),
        ("write", statement.writes),
    ]
    return [
        DatasetRef(
            uri=names.uri(name, marks),
            direction=direction,
            evidence="sql",
            confidence=min(names.confidence(name, marks), statement.confidence),
            makes_sure=statement.makes_sure and direction == "write",
            file=place[0],
            line=place[1],
            derived_from=reads if direction == "write" else None,
        )
        for direction, tables in both
        for name in tables
    ]


def _result_file(task: Task, context: LineageContext) -> list[DatasetRef]:
    """The file that an operator writes what its SQL selects to."""
    path = text_of(task.arguments.get("output_path")) or ""
    rendered, marks, _ = render(path, context.values(task), context.files)
    found = place(rendered)
    uri = "" if found is None else marks.put_back(str(canonical(found)))
    if not uri or not is_told(uri):
        return []
    return [context.ref(task, uri, "write", "argument", CERTAIN)]


def _scheme_of_job(task: Task) -> str | None:
    """The kind of database that a job of Dataproc runs its SQL on."""
    jobs_given = [each for path in ("job", "template.jobs.*") for each in at(task.arguments, path)]
    for each in jobs_given:
        for kind in ("hive", "spark", "presto", "trino"):
            if isinstance(each, dict) and not {f"{kind}_job", f"{kind}_sql_job"}.isdisjoint(each):
                return kind
    return None
