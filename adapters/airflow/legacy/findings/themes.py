"""What the findings of an import come to: a few themes in the order of what to do first, and which
codes are of each.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Theme:
    """Findings that call for one thing to do. `name` is short and stable."""

    name: str
    title: str
    advice: str
    codes: frozenset[str] = frozenset()


def _theme(name: str, title: str, advice: str, codes: str) -> Theme:
    return Theme(name=name, title=title, advice=advice, codes=frozenset(codes.split()))


THEMES: tuple[Theme, ...] = (
    _theme(
        "unread",
        "Code that was not read, or not to its end",
        "What stands there is missing on this page. Mend the file, or supply what it asks for, and "
        "import again.",
        "syntax_error not_run_to_end exited timeout out_of_memory failed zip import_error "
        "unread duplicate_dag_id duplicate_id edge_not_read operator_init_failed tasks_not_read "
        "task_file_not_read yaml_dag_not_read yaml_not_read yaml_tag_not_read name_not_read "
        "selection_not_read dbt_not_read bad_row source_not_served module_not_served",
    ),
    _theme(
        "secrets",
        "Secrets in the source",
        "Who can read the code has them. Move each to a connection or a secrets backend, and renew "
        "it.",
        "secret_in_source",
    ),
    _theme(
        "supplied",
        "What nobody supplied",
        "Names with {braces} on this page come from here. Give --variables with what `airflow "
        "variables export` wrote, --env-file, and the whole code base rather than a part of it; "
        "then import again.",
        "assumed_variable assumed_connection assumed_environment assumed_value assumed_file "
        "assumed_path assumed_span variable_default variable_not_json shipped_variables "
        "deployed_environment environment_not_known unknown_value_decides stand_in_module "
        "stand_in_called stand_in_name task_of_function "
        "template_assumed template_not_found template_not_rendered not_rendered not_run "
        "write_redirected keys_change dbt_read_from_files assumed_version",
    ),
    _theme(
        "outputs",
        "Outputs that the code does not say",
        "Name what these tasks write in the mapping file, and set confirmed: true there. Until "
        "then the task itself stands for what it writes.",
        "unknown_outputs perhaps_writes sql_not_read sql_not_literal server_unknown body_not_read "
        "script_not_read runs_dbt declared_differs entry_gone",
    ),
    _theme(
        "deployed",
        "Code and a running Airflow that do not say the same",
        "Where a DAG is not deployed yet, or was removed, wait or import again; else see which of "
        "the two is right. What Airflow says counts for schedules, what the code says for tasks.",
        "takers_differ not_in_source not_deployed",
    ),
    _theme(
        "shared",
        "Data that several tasks make, or make of each other",
        "Decide which task is to make a dataset before one of them is moved.",
        "two_writers circle cycle_across_dags",
    ),
    _theme(
        "blockers",
        "What stands in the way of moving a task",
        "Nothing to do while the DAG is only watched. Change it before its task is cut over.",
        "mapped_tasks subdag trigger_rule branch xcom_results dynamic_id moving_start_date",
    ),
    _theme(
        "tidying",
        "What could be cleared away",
        "Nothing here waits for you.",
        "dead_dag parse_time_work entries_changed",
    ),
)
OTHERS = Theme(name="others", title="Also noticed", advice="")

_THEME_OF = {code: theme for theme in THEMES for code in theme.codes}


def theme_of(code: str) -> Theme:
    """The theme of a finding."""
    return _THEME_OF.get(code, OTHERS)


def rank_of(code: str) -> int:
    """The place of its theme in the order of what to do first."""
    theme = theme_of(code)
    return THEMES.index(theme) if theme in THEMES else len(THEMES)
