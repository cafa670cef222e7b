"""GenericTransfer: the rows of a query, put into a table of another database."""

from adapters.airflow.legacy.datasets import DatasetRef
from adapters.airflow.legacy.snapshot import Finding, Task
from adapters.airflow.lineage.context import (
    UNKNOWN_DATABASE,
    LineageContext,
    Reading,
    class_names,
    text_of,
)
from adapters.airflow.lineage.sql_reading import read_script
from adapters.airflow.lineage.templates import render
from bridge.uris import table

CERTAIN = 0.95


def applies(task: Task) -> bool:
    """GenericTransfer and what inherits from it."""
    return "GenericTransfer" in class_names(task)


def read(task: Task, context: LineageContext) -> Reading:
    """Reads what `sql` reads over the source connection, writes `destination_table` over the
    destination's.
    """
    source, destination = (
        text_of(task.arguments.get(f"{side}_conn_id")) or "default"
        for side in ("source", "destination")
    )
    datasets: list[DatasetRef] = []
    findings: list[Finding] = []
    scheme = context.schemes.get(source, UNKNOWN_DATABASE)
    sql = text_of(task.arguments.get("sql")) or ""
    template = context.dag.templates.get(sql)
    rendered, marks, _ = render((template.text or "") if template else sql, {}, {})
    script = read_script(rendered, context.dialect(scheme))
    findings += [context.finding(task, "sql_not_read", what) for _, what in script.problems]
    for name in dict.fromkeys(name for statement in script.statements for name in statement.reads):
        uri = marks.put_back(str(table(scheme, source, name)))
        datasets.append(context.ref(task, uri, "read", "sql", CERTAIN))
    target = text_of(task.arguments.get("destination_table"))
    if target is not None:
        rendered, marks, _ = render(target, {}, {})
        uri = marks.put_back(
            str(table(context.schemes.get(destination, UNKNOWN_DATABASE), destination, rendered))
        )
        datasets.append(context.ref(task, uri, "write", "argument", CERTAIN))
    return Reading(
        datasets=tuple(datasets),
        findings=tuple(findings),
        reads_known=not findings,
        writes_known=target is not None,
    )
