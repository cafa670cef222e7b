"""Functions of missing libraries that make a task, told by what they are given."""


def tasks_of(snapshot, dag_id="d"):
    return {task.task_id: task.operator for task in snapshot.dag(dag_id).tasks}


def told(snapshot):
    return [one.message for one in snapshot.findings if one.code == "task_of_function"]


def test_a_missing_librarys_function_with_a_dag_and_a_name_makes_a_task(record):
    snapshot = record("""
        from airflow import DAG
        from airflow.operators.empty import EmptyOperator
        from company.tasks import notebook_operator, load_sensor

        with DAG("d") as dag:
            start = EmptyOperator(task_id="start")
            prices = notebook_operator(dag=dag, name="prices", path="prices.ipynb", retries=2)
            wait = load_sensor("landed", dag, bucket="lake")
            start >> wait >> prices
    """)
    assert tasks_of(snapshot) == {
        "start": "airflow.operators.empty.EmptyOperator",
        "prices": "company.tasks.notebook_operator",
        "landed": "company.tasks.load_sensor",
    }
    prices = next(one for one in snapshot.dag("d").tasks if one.task_id == "prices")
    assert prices.arguments["path"] == "prices.ipynb"
    assert prices.retries == 2
    assert {one.task_id: one.upstream for one in snapshot.dag("d").tasks} == {
        "start": (),
        "landed": ("start",),
        "prices": ("landed",),
    }
    assert [message.rpartition(" ")[2] for message in told(snapshot)] == ["prices", "landed"]


def test_a_task_id_tells_enough_within_a_dag_and_its_group(record):
    snapshot = record("""
        from airflow import DAG
        from airflow.utils.task_group import TaskGroup
        import company

        with DAG("d", default_args={"owner": "sales"}):
            with TaskGroup("load"):
                company.copy(task_id="orders", source="s3://lake/orders")
    """)
    task = snapshot.dag("d").tasks[0]
    assert (task.task_id, task.operator, task.owner) == ("load.orders", "company.copy", "sales")


def test_what_does_not_say_so_makes_no_task(record):
    snapshot = record("""
        from airflow import DAG
        from airflow.models import TaskInstance
        from company import add_docs, Config, copy, get_tags, notify_operator, slack_alert, task

        copy(task_id="outside")
        with DAG("d", tags=get_tags(name="sales")) as dag:
            add_docs(dag=dag, name="sales")
            Config(task_id="of_a_class")
            slack_alert(task_id="of_a_callback")
            notify_operator(name="without_its_dag")
            TaskInstance(task_id="of_airflow")

            @task(task_id="decorated")
            def load():
                raise RuntimeError
    """)
    assert tasks_of(snapshot) == {}
