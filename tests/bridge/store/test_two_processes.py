"""Two processes on one store: both are served, nothing is lost, nobody hears of a lock."""

from __future__ import annotations

import subprocess
import sys
from datetime import datetime, timezone

from bridge.keys import AssetKey
from bridge.materialized import failed_subset, keep_summaries, materialized_subset
from bridge.partitions import StaticPartitionsDefinition
from bridge.store import open_store

WRITE = """
import sys
from datetime import datetime, timezone
from bridge.events import AssetEvent
from bridge.keys import AssetKey
from bridge.store import open_store

url, name, count = sys.argv[1], sys.argv[2], int(sys.argv[3])
store = open_store(url)
print("ready", flush=True)
sys.stdin.readline()
for n in range(count):
    now = datetime.now(timezone.utc)
    key = AssetKey(f"asset{n % 7}")
    fact = AssetEvent(kind="materialization", key=key, happened_at=now, source=f"{name}:{n}")
    assert store.record([fact]) == 1
    store.asset_states()
store.close()
"""

OPEN = """
import sys
sys.stdin.readline()
from bridge.store import open_store
store = open_store(sys.argv[1])
store.set_cursor(sys.argv[2], "here")
store.close()
"""

CLAIM = """
import sys
from bridge.errors import ClaimRefusedError
from bridge.keys import AssetKey
from bridge.store import open_store

store = open_store(sys.argv[1])
print("ready", flush=True)
sys.stdin.readline()
for n in range(50):
    try:
        store.claim(AssetKey("orders"), str(n), owner=sys.argv[2])
        print(n)
    except ClaimRefusedError:
        pass
store.close()
"""

FLIP = """
import sys
from datetime import datetime, timezone
from bridge.events import AssetEvent
from bridge.keys import AssetKey
from bridge.store import open_store

store, name = open_store(sys.argv[1]), sys.argv[2]
print("ready", flush=True)
sys.stdin.readline()
for n in range(60):
    kinds = ["failure", "materialization"] if n % 3 else ["materialization", "failure"]
    parts = [f"p{(n * 7 + m) % 40}" for m in range(4)]
    store.record(
        AssetEvent(kind=kind, key=AssetKey("orders"), partition=part,
                   happened_at=datetime.now(timezone.utc), source=f"{name}:{n}:{at}")
        for at, kind in enumerate(kinds) for part in (parts if n % 2 else reversed(parts))
    )
store.close()
"""

SUMMARISE = """
import sys
from datetime import datetime, timezone
from bridge.keys import AssetKey
from bridge.materialized import keep_summaries
from bridge.partitions import StaticPartitionsDefinition
from bridge.store import open_store

store = open_store(sys.argv[1])
orders = {AssetKey("orders"): StaticPartitionsDefinition([f"p{n}" for n in range(40)])}
print("ready", flush=True)
sys.stdin.readline()
for _ in range(80):
    keep_summaries(store, orders, datetime.now(timezone.utc), more_than=0)
store.close()
"""

CLAIM_MANY = """
import sys
from bridge.errors import ClaimRefusedError
from bridge.keys import AssetKey
from bridge.store import open_store

store, step = open_store(sys.argv[1]), int(sys.argv[2])
print("ready", flush=True)
sys.stdin.readline()
won = 0
while won < 30:
    places = [(AssetKey(f"a{n % 3}"), str(n)) for n in range(40)][::step]
    try:
        claims = store.claim_all(places, owner=str(step))
    except ClaimRefusedError:
        continue
    assert len(store.claims()) == 40
    assert store.renew_all(claims) == []
    store.release(*claims)
    won += 1
print(won)
store.close()
"""


def started(code: str, *arguments: str) -> subprocess.Popen[str]:
    pipe = subprocess.PIPE
    command = [sys.executable, "-c", code, *arguments]
    return subprocess.Popen(command, stdin=pipe, stdout=pipe, stderr=pipe, text=True)


def ready(processes: list[subprocess.Popen[str]]) -> None:
    for process in processes:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"


def finished(processes: list[subprocess.Popen[str]]) -> list[str]:
    """Let all go at once and return what each printed."""
    for process in processes:
        assert process.stdin is not None
        process.stdin.write("go\n")
        process.stdin.flush()
    printed = []
    for process in processes:
        out, errors = process.communicate(timeout=60)
        assert process.returncode == 0, errors
        printed.append(out)
    return printed


def test_two_processes_that_write_at_once_lose_nothing(shared_store_url: str) -> None:
    open_store(shared_store_url).close()
    writers = [started(WRITE, shared_store_url, name, "300") for name in ("one", "two")]
    ready(writers)

    finished(writers)

    store = open_store(shared_store_url)
    sources = {recorded.event.source for recorded in store.events(limit=1000)}
    assert sources == {f"{name}:{n}" for name in ("one", "two") for n in range(300)}
    store.close()


def test_processes_that_open_a_fresh_store_at_once_make_one(empty_database_url: str) -> None:
    names = [f"p{n}" for n in range(4)]
    openers = [started(OPEN, empty_database_url, name) for name in names]

    finished(openers)

    store = open_store(empty_database_url)
    assert [store.cursor(name) for name in names] == ["here"] * 4
    store.close()


def test_of_two_processes_only_one_gets_each_claim(shared_store_url: str) -> None:
    open_store(shared_store_url).close()
    claimers = [started(CLAIM, shared_store_url, name) for name in ("one", "two")]
    ready(claimers)

    won = [set(out.split()) for out in finished(claimers)]

    assert not won[0] & won[1]
    assert won[0] | won[1] == {str(n) for n in range(50)}


def test_a_claim_taken_in_one_process_is_seen_in_another(shared_store_url: str) -> None:
    store = open_store(shared_store_url)
    store.claim(AssetKey("orders"), "7", owner="here")
    other = started(CLAIM, shared_store_url, "there")
    ready([other])

    (won,) = finished([other])

    assert set(won.split()) == {str(n) for n in range(50)} - {"7"}
    store.close()


def test_a_summary_loses_nothing_of_what_others_write_meanwhile(shared_store_url: str) -> None:
    open_store(shared_store_url).close()
    processes = [
        *(started(FLIP, shared_store_url, name) for name in ("one", "two")),
        *(started(SUMMARISE, shared_store_url) for _ in range(2)),
    ]
    ready(processes)
    finished(processes)

    store, orders = open_store(shared_store_url), AssetKey("orders")
    names = StaticPartitionsDefinition([f"p{n}" for n in range(40)])
    now = datetime.now(timezone.utc)
    states = store.partition_states(orders)
    made = {name for name, state in states.items() if state.materialized_at is not None}
    failed = {name for name, state in states.items() if state.activity == "failure"}
    for _ in range(2):
        assert set(materialized_subset(store, orders, names, now).keys(now)) == made
        assert set(failed_subset(store, orders, names, now).keys(now)) == failed
        keep_summaries(store, {orders: names}, now, more_than=0)
    store.close()


def test_two_that_claim_the_same_partitions_take_turns(shared_store_url: str) -> None:
    open_store(shared_store_url).close()
    claimers = [started(CLAIM_MANY, shared_store_url, step) for step in ("1", "-1")]
    ready(claimers)

    assert finished(claimers) == ["30\n", "30\n"]
