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
    r"(Auto|Empty)?(Cluster|JobFlow|Bucket|Stack|Application|Instance|Nodegroup|FargateProfile|Service"
    r"|Topic|Subscription|Queue|Environment|Endpoint|WorkGroup|Function|NodePool|Warehouse|Pipeline"
    r"|Snapshot|Namespace|VirtualCluster|Deployment|Database|Dataset|Schema|Repository|Repos)s?\w*"
    r"Operator$"
)
# What Airflow's own operators do to things, and not to the data in them: what is deleted is gone.
_DEEDS = re.compile(
    r"(Delete|Cancel|Describe|Diagnose|Disable|Enable|Deregister|Register|Reboot|Hibernate|Suspend"
    r"|Deploy|Provision|Decommission|Acl|IamBinding|Tagging|Policy|Guardrail|Alert|Alerting"
    r"|UpdateTable|RemoveFile|RemoveDirectory)\w*Operator$"
)
# What steers a service, and messages that Airflow's own operators send.
_SERVICES = re.compile(
    r"\.(Asana|Jira|Github|Zendesk|Dingding|Opsgenie|SendGrid|SesEmail|Telegram|EventBridge|CloudTasks"
    r"|CloudMonitoring|Stackdriver|CloudLogging|CloudComposer|CloudMemorystore|CloudBuild"
    r"|DataplexCatalog|Looker|ManagedKafka|AlloyDB|Kueue|Ecr|Eks|EC2|ComputeEngine|AzureServiceBusTopic"
    r"|AzureServiceBusSubscription|AzureVirtualMachine|DatabricksRepos|DataformInstall|DataformMake"
    r"|DataformWrite|TeradataComputeCluster|S3Vectors(Create|Delete)|S3Tables(Put|Rename)|HITL|Approval"
    r"|KubernetesInstallKueue|GKEStartKueueInside|CreatePodIndex|CreateServerlessIndex"
    r"|Rds(Create|Copy|Start|Stop)|CloudRun(Create|Update|List)|DataflowStop|GoogleSheetsCreate"
    r"|BigQuery(GetDataset|ListRoutines|GetRoutine|CreateRoutine|UpdateRoutine))\w*Operator$"
)
_OWN = ("airflow.",)


# TaskFlow's, whose functions are not read where only their source was
_DECIDES = (
    "_BranchPythonDecoratedOperator",
    "_ShortCircuitDecoratedOperator",
    "DecoratedSensorOperator",
)


def applies(task: Task) -> bool:
    """The list, machines and services, and every sensor: a sensor waits."""
    names = class_names(task)
    if any(map(_MACHINES.search, names)) or _is_a_deed(task):
        return True
    return any(name in _QUIET or name.endswith(("Sensor", "SensorAsync")) for name in names) or (
        task.how == "source" and task.operator.rpartition(".")[2] in _DECIDES
    )


def _is_a_deed(task: Task) -> bool:
    paths = (task.operator, *task.bases)
    return any(
        path.startswith(_OWN) and (_DEEDS.search(path) or _SERVICES.search(path)) for path in paths
    )


def read(task: Task, context: LineageContext) -> Reading:
    """Nothing."""
    return Reading(nature="quiet", writes_known=True)
