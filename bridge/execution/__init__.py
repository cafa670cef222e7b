"""Running assets: what to run in which order, one asset's step, and a whole run on this machine.

Belongs here: plans, steps, runs, and the process they live in. Not here: what is shown of them, or
Airflow.
"""

from bridge.execution.plan import Plan, Step, plan
from bridge.execution.process import fail_dead_runs
from bridge.execution.run import RunResult, materialize, run_plan
from bridge.execution.step import StepResult, StepStatus, Writer, execute_step, run_check

__all__ = [
    "Plan",
    "RunResult",
    "Step",
    "StepResult",
    "StepStatus",
    "Writer",
    "execute_step",
    "fail_dead_runs",
    "materialize",
    "plan",
    "run_check",
    "run_plan",
]
