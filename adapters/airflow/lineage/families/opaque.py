"""Everything else: code that does not say what it touches. Nothing is guessed."""

from adapters.airflow.legacy.snapshot import Task
from adapters.airflow.lineage.context import LineageContext, Reading, class_names
from adapters.airflow.lineage.values import at

# Jobs that another system holds: the argument that names which.
STARTED = {
    "AirbyteTriggerSyncOperator": "connection_id",
    "AppflowRunOperator": "flow_name",
    "AppflowRunFullOperator": "flow_name",
    "AppflowRunDailyOperator": "flow_name",
    "AwsGlueCrawlerOperator": "config.Name",
    "AwsGlueJobOperator": "job_name",
    "AwsLambdaInvokeFunctionOperator": "function_name",
    "AzureDataFactoryRunPipelineOperator": "pipeline_name",
    "AzureSynapseRunPipelineOperator": "pipeline_name",
    "BigQueryDataTransferServiceStartTransferRunsOperator": "transfer_config_id",
    "CensusOperator": "sync_id",
    "CloudFunctionInvokeFunctionOperator": "function_id",
    "CloudRunExecuteJobOperator": "job_name",
    "DatabricksRunNowOperator": "job_id",
    "DataformCreateWorkflowInvocationOperator": "repository_id",
    "DataprepRunFlowOperator": "flow_id",
    "DbtCloudRunJobOperator": "job_id",
    "DmsStartTaskOperator": "replication_task_arn",
    "FivetranOperator": "connector_id",
    "FivetranOperatorAsync": "connector_id",
    "GlueCrawlerOperator": "config.Name",
    "GlueDataBrewStartJobOperator": "job_name",
    "GlueJobOperator": "job_name",
    "HightouchTriggerSyncOperator": "sync_id",
    "JenkinsJobTriggerOperator": "job_name",
    "LambdaInvokeFunctionOperator": "function_name",
    "PowerBIDatasetRefreshOperator": "dataset_id",
    "StepFunctionStartExecutionOperator": "state_machine_arn",
}


def applies(task: Task) -> bool:
    """Any task."""
    return True


def read(task: Task, context: LineageContext) -> Reading:
    """No dataset, and a finding that asks for one."""
    kind = class_names(task)[0]
    said = "@task" if kind.endswith("DecoratedOperator") else kind
    message = f"outputs unknown ({said}{_started(task)}): name them in the mapping"
    return Reading(nature="opaque", findings=(context.finding(task, "unknown_outputs", message),))


def _started(task: Task) -> str:
    """Which job elsewhere the task starts."""
    argument = next((STARTED[name] for name in class_names(task) if name in STARTED), None)
    named = at(task.arguments, argument) if argument else ()
    return next((f" of {each}" for each in named if isinstance(each, (str, int))), "")
