"""Python functions: the calls in them that name a file, a table, SQL or a command."""

from __future__ import annotations

import shlex
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from typing import TypeAlias

from pydantic import JsonValue

from adapters.airflow.legacy.datasets import DatasetRef, Direction, Evidence
from adapters.airflow.legacy.snapshot import Call, Finding, Task
from adapters.airflow.lineage.context import (
    UNKNOWN_DATABASE,
    LineageContext,
    Reading,
    database_named,
)
from adapters.airflow.lineage.families import opaque
from adapters.airflow.lineage.families.bash import (
    is_nowhere,
    nowhere,
    read_commands,
    without_scratch_files,
)
from adapters.airflow.lineage.families.sql import statement_refs
from adapters.airflow.lineage.shell import commands
from adapters.airflow.lineage.templates import Marks, render
from bridge.errors import DefinitionError
from bridge.uris import canonical, table

SEEN = 0.85  # a call may not be reached
_CONNECTION = "_conn_id"
_READ_FILES = """
    read_csv read_parquet read_json read_excel read_table read_feather read_orc read_avro
    scan_csv scan_parquet
    """.split()  # noqa: SIM905
_WRITE_FILES = """
    to_csv to_parquet to_json to_excel to_feather write_csv write_parquet write_json
    sink_parquet
    """.split()  # noqa: SIM905
_RUN_SQL = """
    execute executemany get_records get_first get_pandas_df get_df get_polars_df copy_expert
    query sql read_sql read_sql_query read_gbq read_database
    """.split()  # noqa: SIM905


def applies(task: Task) -> bool:
    """A task whose function, or whose own `execute`, is seen to call something worth reading."""
    return bool(task.calls)


def runs_sql(task: Task) -> bool:
    """An operator of the code base whose own `execute` says over which connection its SQL runs."""
    return "python_callable" not in task.arguments and any(
        call.name in ("run", *_RUN_SQL) and any(map(_is_sql, call.arguments)) for call in task.calls
    )


def _is_sql(value: JsonValue) -> bool:
    return isinstance(value, str) and " " in value.strip()


def read(task: Task, context: LineageContext) -> Reading:
    """What the calls name. It is a beginning: a function may do more than its texts say."""
    told = _Told(task, context)
    for call in task.calls:
        reader = _READERS.get(call.name)
        if reader is not None:
            reader(told, call)
    datasets = without_scratch_files(told.datasets)
    unknown = opaque.read(task, context)
    if not datasets:
        return replace(unknown, findings=(*told.findings, *unknown.findings))
    has_write = any(ref.direction == "write" for ref in datasets)
    return Reading(
        datasets=tuple(datasets),
        findings=(*told.findings, *(() if has_write else unknown.findings)),
    )


@dataclass(slots=True)
class _Told:
    """What the calls read so far say."""

    task: Task
    context: LineageContext
    marks: Marks = field(default_factory=Marks)
    datasets: list[DatasetRef] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)

    def place(self, value: JsonValue, direction: Direction, line: int | None) -> None:
        """A file by URL, or by a path from the root; a list is each of its items."""
        for each in value if isinstance(value, list) else [value]:
            text = self.rendered(each)
            if text is None:
                continue
            uri = f"file://{text}" if text.startswith("/") else text
            if "://" in uri:
                self.uri(uri, direction, line)

    def object(
        self, scheme: str, bucket: JsonValue, key: JsonValue, direction: Direction, line: int | None
    ) -> None:
        """An object in a bucket; the key may be a whole URL."""
        name, inside = self.rendered(key), self.rendered(bucket)
        if name is not None and "://" in name:
            self.uri(name, direction, line)
        elif name is not None and inside is not None:
            self.uri(f"{scheme}://{inside}/{name.lstrip('/')}", direction, line)

    def table(self, value: JsonValue, direction: Direction, call: Call, schema: JsonValue) -> None:
        """A table of the database that the call's object is connected to."""
        name, inside = self.rendered(value), self.rendered(schema)
        if name is None:
            return
        scheme, authority = self.database(call)
        full = name if inside is None or "." in name else f"{inside}.{name}"
        if is_nowhere(scheme, authority):
            self.findings.append(nowhere(self.context, self.task, [full]))
            return
        if scheme == "bigquery":
            full = full.replace(":", ".", 1)
        try:
            uri = str(table(scheme, authority, full))
        except DefinitionError:
            return
        self.add(uri, direction, "argument", SEEN, call.line)

    def sql(self, value: JsonValue, call: Call) -> None:
        """SQL, run by the call's object."""
        for each in value if isinstance(value, list) else [value]:
            text = self.rendered(each)
            if text is None or not _is_sql(text):
                continue
            scheme, authority = self.database(call)
            refs, findings = statement_refs(
                text, self.marks, self.task, self.context, scheme, authority
            )
            self.findings += findings
            if is_nowhere(scheme, authority):
                names = [ref.uri.partition(f"{authority}/")[2] for ref in refs]
                self.findings += [nowhere(self.context, self.task, names)] if names else []
                continue
            self.datasets += [
                replace(ref, confidence=min(ref.confidence, SEEN), line=call.line) for ref in refs
            ]

    def script(self, value: JsonValue) -> None:
        """A command, as text or as a list of words."""
        if isinstance(value, list):
            words = [self.rendered(each) for each in value]
            text: str | None = shlex.join(word or "{}" for word in words)
        else:
            text = self.rendered(value)
        try:
            found = commands(text or "")
        except ValueError:
            return
        said = read_commands(found, self.marks, self.task, self.context)
        self.datasets += [
            replace(ref, confidence=min(ref.confidence, SEEN)) for ref in said.datasets
        ]

    def rendered(self, value: JsonValue) -> str | None:
        """A text with marks for what only the run knows; None for anything else."""
        if not isinstance(value, str) or not value:
            return None
        return render(value, self.context.values(self.task), self.context.files, self.marks)[0]

    def uri(self, text: str, direction: Direction, line: int | None) -> None:
        """A dataset by its URI; one whose bucket only the run knows is left out."""
        try:
            found = canonical(text)
        except DefinitionError:
            return
        if not self.marks.has_marks(found.authority):
            self.add(str(found), direction, "argument", SEEN, line)

    def add(
        self, uri: str, direction: Direction, how: Evidence, confidence: float, line: int | None
    ) -> None:
        """Note a dataset, found at a line of the function."""
        ref = self.context.ref(self.task, self.marks.put_back(uri), direction, how, confidence)
        self.datasets.append(replace(ref, line=line or ref.line))

    def database(self, call: Call) -> tuple[str, str]:
        """Kind and name of the database that an object is connected to."""
        given = _argument(call, 1, "con", "connection", "engine", "connection_uri")
        made = (*_made_by(given), *call.on)
        for step in made:
            found = self._of_url(step)
            if found is not None:
                return found
            connection = self.rendered(_connection(step))
            if step.name.endswith("Hook") or connection is not None:
                known = self.context.schemes.get(connection or "", UNKNOWN_DATABASE)
                return database_named(step.name) or known, connection or "default"
        return _by_library(made), "default"

    def _of_url(self, step: Call) -> tuple[str, str] | None:
        """Kind and server of `create_engine("postgresql://…")`."""
        for value in step.arguments:
            text = self.rendered(value)
            if text is not None and "://" in text:
                scheme, _, rest = text.partition("://")
                url = canonical(f"{scheme.partition('+')[0]}://{rest}")
                if self.context.dialect(url.scheme) is not None:
                    return url.scheme, url.authority or "default"
        return None


def _argument(call: Call, place: int, *names: str) -> JsonValue:
    for name in names:
        if name in call.named:
            return call.named[name]
    return call.arguments[place] if 0 <= place < len(call.arguments) else None


def _made_by(value: JsonValue) -> tuple[Call, ...]:
    chain = value.get("made_by") if isinstance(value, dict) else None
    return tuple(Call.model_validate(each) for each in chain) if isinstance(chain, list) else ()


def _connection(step: Call) -> JsonValue:
    named = [value for name, value in step.named.items() if name.endswith(_CONNECTION)]
    if named:
        return named[0]
    first = step.arguments[0] if step.arguments else None
    return first if step.name.endswith("Hook") or step.name == "get_hook" else None


def _by_library(made: Iterable[Call]) -> str:
    """The kind of database where only a library says it: `bigquery.Client().query(…)`."""
    names = {step.name for step in made}
    return "bigquery" if "Client" in names else "spark" if "getOrCreate" in names else "sql"


_Reader: TypeAlias = Callable[[_Told, Call], None]


def _file(direction: Direction, *names: str) -> _Reader:
    def read_call(told: _Told, call: Call) -> None:
        told.place(_argument(call, 0, *names), direction, call.line)

    return read_call


def _spark_file(told: _Told, call: Call) -> None:
    """`spark.read.parquet("s3://…")`, `df.write.mode("append").parquet("s3://…")`."""
    words = {step.name for step in call.on}
    if "write" in words:
        told.place(_argument(call, 0, "path"), "write", call.line)
    elif words & {"read", "readStream"}:
        told.place(_argument(call, 0, "path"), "read", call.line)


def _open(told: _Told, call: Call) -> None:
    mode = _argument(call, 1, "mode")
    writes = isinstance(mode, str) and any(sign in mode for sign in "wax")
    told.place(_argument(call, 0, "file"), "write" if writes else "read", call.line)


def _sql(told: _Told, call: Call) -> None:
    told.sql(
        _argument(call, 0, "sql", "query", "operation", "statement", "hql", "bql", "sql_query"),
        call,
    )


def _run(told: _Told, call: Call) -> None:
    if any(step.name.endswith("Hook") for step in call.on):
        _sql(told, call)
    else:
        told.script(_argument(call, 0, "args", "command"))


def _command(told: _Told, call: Call) -> None:
    told.script(_argument(call, 0, "args", "command", "popenargs"))


def _to_sql(told: _Told, call: Call) -> None:
    told.table(_argument(call, 0, "name", "table_name"), "write", call, call.named.get("schema"))


def _table(direction: Direction, place: int, *names: str) -> _Reader:
    def read_call(told: _Told, call: Call) -> None:
        told.table(_argument(call, place, *names), direction, call, call.named.get("schema"))

    return read_call


def _bigquery(direction: Direction, place: int, *names: str) -> _Reader:
    def read_call(told: _Told, call: Call) -> None:
        name = told.rendered(_argument(call, place, *names))
        if name is not None and "." in name:
            uri = str(table("bigquery", "default", name.replace(":", ".", 1).partition("$")[0]))
            told.add(uri, direction, "argument", SEEN, call.line)

    return read_call


def _load_from_uri(told: _Told, call: Call) -> None:
    told.place(_argument(call, 0, "source_uris"), "read", call.line)
    _bigquery("write", 1, "destination")(told, call)


def _extract(told: _Told, call: Call) -> None:
    _bigquery("read", 0, "source")(told, call)
    told.place(_argument(call, 1, "destination_uris"), "write", call.line)


def _copy_table(told: _Told, call: Call) -> None:
    _bigquery("read", 0, "sources")(told, call)
    _bigquery("write", 1, "destination")(told, call)


def _s3(direction: Direction, key: int, bucket: int) -> _Reader:
    """A method of S3Hook: the key's place among its arguments, and the bucket's."""

    def read_call(told: _Told, call: Call) -> None:
        if any("S3" in step.name for step in call.on):
            told.object(
                "s3",
                _argument(call, bucket, "bucket_name"),
                _argument(call, key, "key"),
                direction,
                call.line,
            )

    return read_call


def _s3_copy(told: _Told, call: Call) -> None:
    named = call.named
    if "dest_bucket_key" in named or "source_bucket_key" in named:
        source, target = named.get("source_bucket_name"), named.get("dest_bucket_name")
        told.object("s3", source, named.get("source_bucket_key"), "read", call.line)
        told.object("s3", target, named.get("dest_bucket_key"), "write", call.line)
        return
    source = named.get("CopySource")
    if isinstance(source, dict):
        told.object("s3", source.get("Bucket"), source.get("Key"), "read", call.line)
    told.object("s3", named.get("Bucket"), named.get("Key"), "write", call.line)


def _boto(direction: Direction, bucket: int, key: int) -> _Reader:
    """A method of boto3's S3 client."""

    def read_call(told: _Told, call: Call) -> None:
        bucket_name, name = _argument(call, bucket, "Bucket"), _argument(call, key, "Key")
        told.object("s3", bucket_name, name, direction, call.line)

    return read_call


def _download_file(told: _Told, call: Call) -> None:
    is_hook = any(step.name.endswith("Hook") for step in call.on)
    reader = _s3("read", 0, 1) if is_hook else _boto("read", 0, 1)
    reader(told, call)


def _gcs(direction: Direction) -> _Reader:
    """A method of GCSHook: bucket and object come first."""

    def read_call(told: _Told, call: Call) -> None:
        if any(step.name.startswith(("GCS", "GoogleCloudStorage")) for step in call.on):
            bucket, name = _argument(call, 0, "bucket_name"), _argument(call, 1, "object_name")
            told.object("gs", bucket, name, direction, call.line)

    return read_call


def _gcs_copy(told: _Told, call: Call) -> None:
    if any(step.name.startswith(("GCS", "GoogleCloudStorage")) for step in call.on):
        source, name = _argument(call, 0, "source_bucket"), _argument(call, 1, "source_object")
        told.object("gs", source, name, "read", call.line)
        target = _argument(call, 2, "destination_bucket") or source
        told.object(
            "gs", target, _argument(call, 3, "destination_object") or name, "write", call.line
        )


def _blob(direction: Direction) -> _Reader:
    """`storage.Client().bucket("b").blob("x").upload_from_string(…)`."""

    def read_call(told: _Told, call: Call) -> None:
        steps = {step.name: step for step in call.on}
        bucket = steps.get("bucket") or steps.get("get_bucket")
        blob = steps.get("blob") or steps.get("get_blob")
        if bucket is not None and blob is not None:
            told.object(
                "gs",
                _argument(bucket, 0, "bucket_name", "bucket_or_name"),
                _argument(blob, 0, "blob_name"),
                direction,
                call.line,
            )

    return read_call


def _spark_table(told: _Told, call: Call) -> None:
    if {step.name for step in call.on} & {"read", "getOrCreate", "SparkSession"}:
        told.table(_argument(call, 0, "tableName"), "read", call, None)


_PATHS = ("filepath_or_buffer", "path", "path_or_buf", "source", "io", "excel_writer", "file")
_READERS: dict[str, _Reader] = {
    **dict.fromkeys(
        _READ_FILES,
        _file("read", *_PATHS),
    ),
    **dict.fromkeys(
        _WRITE_FILES,
        _file("write", *_PATHS),
    ),
    **dict.fromkeys(("parquet", "csv", "json", "orc", "load", "save"), _spark_file),
    **dict.fromkeys(
        _RUN_SQL,
        _sql,
    ),
    **dict.fromkeys(("system", "check_call", "check_output", "call", "Popen"), _command),
    **dict.fromkeys(("insert_rows", "bulk_load"), _table("write", 0, "table")),
    **dict.fromkeys(("saveAsTable", "insertInto"), _table("write", 0, "name", "tableName")),
    **dict.fromkeys(
        ("load_table_from_dataframe", "load_table_from_file", "load_table_from_json"),
        _bigquery("write", 1, "destination"),
    ),
    **dict.fromkeys(
        ("load_file", "load_string", "load_bytes", "load_file_obj"), _s3("write", 1, 2)
    ),
    **dict.fromkeys(("read_key", "get_key"), _s3("read", 0, 1)),
    **dict.fromkeys(("upload_file", "upload_fileobj"), _boto("write", 1, 2)),
    **dict.fromkeys(("download", "download_as_byte_array"), _gcs("read")),
    **dict.fromkeys(("copy", "rewrite"), _gcs_copy),
    **dict.fromkeys(
        ("upload_from_filename", "upload_from_string", "upload_from_file"), _blob("write")
    ),
    **dict.fromkeys(
        ("download_as_string", "download_as_bytes", "download_as_text", "download_to_filename"),
        _blob("read"),
    ),
    "open": _open,
    "run": _run,
    "read_sql_table": _table("read", 0, "table_name"),
    "bulk_dump": _table("read", 0, "table"),
    "to_sql": _to_sql,
    "write_database": _to_sql,
    "to_gbq": _bigquery("write", 0, "destination_table"),
    "insert_rows_json": _bigquery("write", 0, "table"),
    "load_table_from_uri": _load_from_uri,
    "extract_table": _extract,
    "copy_table": _copy_table,
    "download_file": _download_file,
    "download_fileobj": _boto("read", 0, 1),
    "put_object": _boto("write", -1, -1),
    "get_object": _boto("read", -1, -1),
    "copy_object": _s3_copy,
    "upload": _gcs("write"),
    "table": _spark_table,
}
