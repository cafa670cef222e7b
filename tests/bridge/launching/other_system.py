"""Another system that does runs, as small as one can be: a test says how its parts come along."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace

from bridge.automation.location import Automation
from bridge.capabilities import Launcher, Launches
from bridge.errors import BridgeError
from bridge.execution import Plan
from bridge.graph import AssetGraph
from bridge.keys import AssetKey
from bridge.project import AirflowSettings, Project
from bridge.runs import PartState, RemotePart, RemoteRun, Run

SETTINGS = {"eu": AirflowSettings(url="http://moon.test")}


@dataclass
class Moon(Launches, Launcher):
    """Begins every part at its first look; `states` are those of the looks after that."""

    name: str = "moon"
    states: dict[str, PartState] = field(default_factory=dict)
    trouble: BridgeError | None = None
    does: Callable[[Run], None] = lambda _run: None
    began: list[str] = field(default_factory=list)
    ended: list[str] = field(default_factory=list)
    held: list[bool] = field(default_factory=list)

    def launcher(
        self, project: Project, graph: AssetGraph, automation: Automation, *, instance: str
    ) -> Launcher:
        return self

    def takes_ranges(self, keys: Sequence[AssetKey]) -> bool:
        return False

    def require_ready(self, keys: Sequence[AssetKey]) -> None:
        if self.trouble is not None:
            raise self.trouble

    def parts(self, run: Run, todo: Plan) -> tuple[RemotePart, ...]:
        if self.trouble is not None:
            raise self.trouble
        return (RemotePart(stage=0, name="crater", id=f"moon_{run.id}", assets=run.target.assets),)

    def carry_on(self, run: Run, *, is_held: bool = False, at_most: int | None = None) -> RemoteRun:
        assert run.remote is not None
        self.held.append(is_held)
        return replace(
            run.remote, parts=tuple(self._carried(run, part) for part in run.remote.parts)
        )

    def close(self) -> None:
        """Nothing is open."""

    def _carried(self, run: Run, part: RemotePart) -> RemotePart:
        if run.cancel_requested:
            self.ended.append(part.id)
            return replace(part, state="failed", message="canceled")
        if part.state == "waiting":
            self.began.append(part.id)
            self.does(run)
            return replace(part, state="running", link="http://moon.test/crater")
        state = self.states.get(run.id, part.state)
        return replace(part, state=state, message="dust" if state == "failed" else None)
