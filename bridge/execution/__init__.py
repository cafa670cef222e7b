"""Running assets: what to run in which order, one asset's step, and a whole run on this machine.

Belongs here: plans, steps, runs, and the process they live in. Not here: what is shown of them, or
Airflow.
"""

from typing import TYPE_CHECKING

from bridge.execution.plan import Plan, Step, plan
from bridge.later import names_of

if TYPE_CHECKING:
    from bridge.execution.checking import run_check, run_checks
    from bridge.execution.direct import materialize, observe
    from bridge.execution.lifetime import build_resources, live_resources
    from bridge.execution.outcome import CheckReport, StepResult, Writer
    from bridge.execution.process import fail_dead_runs
    from bridge.execution.queued import execute_queued, launch_queued, resources_of
    from bridge.execution.retry import retry_of
    from bridge.execution.run import RunResult, execute_run, planned, run_plan
    from bridge.execution.step import execute_call, execute_step
    from bridge.runs import LogLine, StepStatus

# A task runs one step: it does not load what plans, forks and follows whole runs.
_MODULES = {
    "checking": (
        "run_check",
        "run_checks",
    ),
    "direct": (
        "materialize",
        "observe",
    ),
    "lifetime": (
        "build_resources",
        "live_resources",
    ),
    "outcome": (
        "CheckReport",
        "StepResult",
        "Writer",
    ),
    "process": ("fail_dead_runs",),
    "queued": (
        "execute_queued",
        "launch_queued",
        "resources_of",
    ),
    "retry": ("retry_of",),
    "run": (
        "RunResult",
        "execute_run",
        "planned",
        "run_plan",
    ),
    "step": (
        "execute_call",
        "execute_step",
    ),
    "..runs": (
        "LogLine",
        "StepStatus",
    ),
}

__all__ = [
    "CheckReport",
    "LogLine",
    "Plan",
    "RunResult",
    "Step",
    "StepResult",
    "StepStatus",
    "Writer",
    "build_resources",
    "execute_call",
    "execute_queued",
    "execute_run",
    "execute_step",
    "fail_dead_runs",
    "launch_queued",
    "live_resources",
    "materialize",
    "observe",
    "plan",
    "planned",
    "resources_of",
    "retry_of",
    "run_check",
    "run_checks",
    "run_plan",
]

__getattr__ = names_of(__name__, _MODULES)
