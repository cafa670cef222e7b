"""Operators that move no data: branches, waits for a time or a DAG, triggers, messages."""

import re

from adapters.airflow.legacy.snapshot import Task
from adapters.airflow.lineage.context import LineageContext, Reading, class_names

_QUIET = frozenset(
    """
    EmptyOperator DummyOperator BranchPythonOperator BranchPythonVirtualenvOperator
    BranchExternalPythonOperator BranchDateTimeOperator BranchDayOfWeekOperator
    BranchSQLOperator BranchSqlOperator BaseBranchOperator ShortCircuitOperator
    LatestOnlyOperator TriggerDagRunOperator ExternalTaskMarker SubDagOperator EmailOperator
    SlackAPIPostOperator SlackAPIOperator SlackWebhookOperator SlackNotifier
    DiscordWebhookOperator TelegramOperator OpsgenieCreateAlertOperator
    PagerdutyEventsOperator MsTeamsWebhookOperator SmtpOperator
    SnsPublishOperator SqsPublishOperator PubSubPublishMessageOperator
    _BranchPythonDecoratedOperator
    _BranchPythonVirtualenvDecoratedOperator _ShortCircuitDecoratedOperator
    _BranchExternalPythonDecoratedOperator DecoratedSensorOperator
    """.split()  # noqa: SIM905
)
# What starts and ends machines and services: EmrCreateJobFlowOperator, S3DeleteBucketOperator.
_MACHINES = re.compile(
    r"(Create|Delete|Terminate|Start|Stop|Resume|Pause|Modify|Update|Scale|Insert|Setup)"
    r"(Auto)?(Cluster|JobFlow|Bucket|Stack|Application|Instance|Nodegroup|FargateProfile|Service"
    r"|Topic|Subscription|Queue|Environment|Endpoint|WorkGroup|Function|NodePool|Warehouse|Pipeline"
    r"|Snapshot|Namespace|VirtualCluster|Deployment)s?\w*Operator$"
)


def applies(task: Task) -> bool:
    """The list, machines and services, and every sensor: a sensor waits."""
    names = class_names(task)
    if any(map(_MACHINES.search, names)):
        return True
    return any(name in _QUIET or name.endswith(("Sensor", "SensorAsync")) for name in names) or (
        task.how == "source"
        and task.operator in ("@task.branch", "@task.short_circuit", "@task.sensor")
    )


def read(task: Task, context: LineageContext) -> Reading:
    """Nothing."""
    return Reading(nature="quiet", writes_known=True)
