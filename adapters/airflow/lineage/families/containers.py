"""Programs started elsewhere, in a container or on a cluster: their words and their environment."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace

from pydantic import JsonValue

from adapters.airflow.legacy.datasets import DatasetRef
from adapters.airflow.legacy.record.child.shell import Command, commands
from adapters.airflow.legacy.snapshot import Task
from adapters.airflow.lineage.context import LineageContext, Reading, class_names
from adapters.airflow.lineage.dbt.command import dbt_words
from adapters.airflow.lineage.families import opaque
from adapters.airflow.lineage.families.bash import read_commands
from adapters.airflow.lineage.templates import Marks, render
from adapters.airflow.lineage.values import at

_MOST = 0.6  # what a program does with its words is its own business
_ARN = re.compile(r"\barn:aws[\w-]*:s3:::")
_QUOTED = re.compile(r"^(['\"])(.*)\1$")  # for a DAG that renders to Python's own values
_SHELLS = frozenset(("sh", "bash", "/bin/sh", "/bin/bash", "/usr/bin/bash"))


@dataclass(frozen=True, slots=True)
class _Shape:
    """Where an operator's arguments hold words and where environments; `*` is each item."""

    words: tuple[str, ...]
    environment: tuple[str, ...] = ()
    only_if_given: bool = False


_POD = _Shape(("cmds", "arguments"), ("env_vars",))
_DOCKER = _Shape(("entrypoint", "command"), ("environment", "private_environment"))
_SPARK = _Shape(("application_args",), ("env_vars", "conf"))
_ECS = _Shape(
    ("overrides.containerOverrides.*.command",), ("overrides.containerOverrides.*.environment",)
)
_BATCH = _Shape(
    ("container_overrides.command", "overrides.command"),
    ("container_overrides.environment", "overrides.environment", "parameters"),
)
_CLOUD_RUN = _Shape(
    ("overrides.container_overrides.*.args",), ("overrides.container_overrides.*.env",)
)
_DATAPROC = _Shape(("job.pyspark_job.args", "job.spark_job.args", "job.hadoop_job.args"))
_WORKFLOW = _Shape(
    (
        "template.jobs.*.pyspark_job.args",
        "template.jobs.*.spark_job.args",
        "template.jobs.*.hadoop_job.args",
    )
)
_BEAM = _Shape((), ("pipeline_options", "default_pipeline_options"))
_DATAFLOW = _Shape((), ("parameters", "options", "dataflow_default_options"))
_DATABRICKS = _Shape(
    (
        "json.spark_python_task.parameters",
        "json.spark_jar_task.parameters",
        "json.python_params",
        "spark_python_task.parameters",
        "spark_jar_task.parameters",
        "python_params",
    ),
    ("json.notebook_task.base_parameters", "notebook_task.base_parameters", "notebook_params"),
)
SHAPES: dict[str, _Shape] = {
    "KubernetesPodOperator": _POD,
    "GKEStartPodOperator": _POD,
    "GKEPodOperator": _POD,
    "EksPodOperator": _POD,
    "KubernetesJobOperator": _POD,
    "KubernetesStartKueueJobOperator": _POD,
    "GKEStartJobOperator": _POD,
    "GKEStartKueueJobOperator": _POD,
    "DockerOperator": _DOCKER,
    "DockerSwarmOperator": _DOCKER,
    "EcsRunTaskOperator": _ECS,
    "EcsOperator": _ECS,
    "ECSOperator": _ECS,
    "BatchOperator": _BATCH,
    "AwsBatchOperator": _BATCH,
    "CloudRunExecuteJobOperator": _CLOUD_RUN,
    "AzureContainerInstancesOperator": _Shape(("command",), ("environment_variables",)),
    "SparkSubmitOperator": _SPARK,
    "LivyOperator": _Shape(("args",), ("conf",)),
    "DataprocSubmitJobOperator": _DATAPROC,
    "DataprocSubmitPySparkJobOperator": _Shape(("arguments",)),
    "DataProcPySparkOperator": _Shape(("arguments",)),
    "DataProcSparkOperator": _Shape(("arguments",)),
    "DataprocSubmitSparkJobOperator": _Shape(("arguments",)),
    "DataprocSubmitHadoopJobOperator": _Shape(("arguments",)),
    "DataProcHadoopOperator": _Shape(("arguments",)),
    "DataprocInstantiateInlineWorkflowTemplateOperator": _WORKFLOW,
    "DataprocCreateWorkflowTemplateOperator": _WORKFLOW,
    "DataprocCreateBatchOperator": _Shape(("batch.pyspark_batch.args", "batch.spark_batch.args")),
    "DataprocCreateMapReduceJobOperator": _Shape(("args",), ("properties",)),
    "DataprocCreatePysparkJobOperator": _Shape(("args",), ("properties",)),
    "DataprocCreateSparkJobOperator": _Shape(("args",), ("properties",)),
    "AnalyticDBSparkBatchOperator": _Shape(("args",), ("conf",)),
    "AzureSynapseRunSparkBatchOperator": _Shape(("payload.args",), ("payload.conf",)),
    "EmrAddStepsOperator": _Shape(("steps.*.HadoopJarStep.Args",)),
    "EmrCreateJobFlowOperator": _Shape(
        ("job_flow_overrides.Steps.*.HadoopJarStep.Args",), only_if_given=True
    ),
    "EmrContainerOperator": _Shape(("job_driver.sparkSubmitJobDriver.entryPointArguments",)),
    "EmrServerlessStartJobOperator": _Shape(("job_driver.sparkSubmit.entryPointArguments",)),
    "SingularityOperator": _Shape(("command",), ("environment",)),
    "SparkSubmitJobOperator": _SPARK,
    "GlueJobOperator": _Shape((), ("script_args",)),
    "AwsGlueJobOperator": _Shape((), ("script_args",)),
    "DatabricksSubmitRunOperator": _DATABRICKS,
    "DatabricksRunNowOperator": _DATABRICKS,
    "DatabricksNotebookOperator": _Shape((), ("notebook_params",)),
    "DatabricksTaskOperator": _Shape(
        ("task_config.spark_python_task.parameters", "task_config.spark_jar_task.parameters"),
        ("task_config.notebook_task.base_parameters",),
    ),
    "DataflowTemplatedJobStartOperator": _DATAFLOW,
    "DataflowTemplateOperator": _DATAFLOW,
    "DataflowCreateJavaJobOperator": _DATAFLOW,
    "DataflowCreatePythonJobOperator": _DATAFLOW,
    "DataflowStartYamlJobOperator": _Shape((), ("jinja_variables",)),
    "DataFlowJavaOperator": _DATAFLOW,
    "DataFlowPythonOperator": _DATAFLOW,
    "DataflowStartFlexTemplateOperator": _Shape((), ("body.launchParameter.parameters",)),
    "BeamRunPythonPipelineOperator": _BEAM,
    "BeamRunJavaPipelineOperator": _BEAM,
    "BeamRunGoPipelineOperator": _BEAM,
}


def applies(task: Task) -> bool:
    """The operators of the list, and what inherits from them."""
    shape = _shape(task)
    return shape is not None and (
        not shape.only_if_given
        or any(any(at(task.arguments, path)) for path in (*shape.words, *shape.environment))
    )


def _shape(task: Task) -> _Shape | None:
    return next((SHAPES[name] for name in class_names(task) if name in SHAPES), None)


def read(task: Task, context: LineageContext) -> Reading:
    """What words and variables name, never sure and never all there is."""
    shape = _shape(task) or _Shape(())
    marks = Marks()
    started: list[Command] = []
    rendered = {
        path: [_rendered(each, marks, task, context) for each in at(task.arguments, path)]
        for path in (*shape.words, *shape.environment)
    }
    variables = dict(
        pair for path in shape.environment for value in rendered[path] for pair in _pairs(value)
    )
    words = [word for path in shape.words for value in rendered[path] for word in _words(value)]
    started += _commands(words, variables)
    if variables:
        options = (word for name, value in variables.items() for word in (f"--{name}", value))
        started.append(Command(words=("environment", *options)))
    found = read_commands(started, marks, task, context, environment=variables)
    findings = tuple(one for one in found.findings if one.code != "unknown_outputs")
    runs_dbt = any(dbt_words(command.words) is not None for command in started)
    unknown = opaque.read(task, context).findings
    if not found.datasets:
        return Reading(nature="opaque", findings=(*findings, *unknown))
    return Reading(
        datasets=tuple(map(_less_sure, found.datasets)) if not runs_dbt else found.datasets,
        findings=findings if found.writes_known and runs_dbt else (*findings, *unknown),
    )


def _less_sure(ref: DatasetRef) -> DatasetRef:
    return replace(ref, confidence=min(ref.confidence, _MOST))


def _commands(words: list[str], variables: dict[str, str]) -> list[Command]:
    if not words:
        return []
    script = next(
        (
            words[index + 1]
            for index, word in enumerate(words[:-1])
            if word in ("-c", "-ec", "-lc", "-xc", "-exc") and words[0] in _SHELLS
        ),
        None,
    )
    if script is None:
        named = ["program"] if words[0].startswith("-") else []  # it is the image's own
        return [Command(words=(*named, *words))]
    try:
        return commands(script, variables)
    except ValueError:
        return []


def _rendered(value: JsonValue, marks: Marks, task: Task, context: LineageContext) -> JsonValue:
    if isinstance(value, str):
        return _ARN.sub("s3://", render(value, context.values(task), context.files, marks)[0])
    if isinstance(value, list):
        return [_rendered(each, marks, task, context) for each in value]
    if isinstance(value, dict):
        return {name: _rendered(each, marks, task, context) for name, each in value.items()}
    return value


def _words(value: JsonValue) -> list[str]:
    if isinstance(value, str):
        try:
            return [word for command in commands(value) for word in command.words]
        except ValueError:
            return []
    if isinstance(value, list):
        return [each for each in value if isinstance(each, str)]
    return []


def _pairs(value: JsonValue) -> Iterator[tuple[str, str]]:
    """Variables, given as a mapping or as a list of `{"name": …, "value": …}`."""
    if isinstance(value, dict):
        yield from ((name.lstrip("-"), one) for name, one in value.items() if isinstance(one, str))
    for each in value if isinstance(value, list) else ():
        if isinstance(each, dict):
            name, one = each.get("name"), each.get("value")
            if isinstance(name, str) and isinstance(one, str):
                yield name, _QUOTED.sub(r"\2", one)
