"""Commands as they run inside a process that has the store open."""

from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from relay.commands.context import CommandContext
from relay.commands.table import COMMANDS
from relay.config import Config
from relay.domain.delivery import Outcome
from relay.domain.endpoint import Endpoint
from relay.domain.sample import Sample
from relay.store.store import Store, open_store
from tests.pages import make_config
from tests.store.databases import open_migrated
from tests.store.given import NOW, VAULT

TAKEN = Outcome(status=204, cause=None, at_ms=0, duration_ms=85)


@dataclass(slots=True, kw_only=True)
class Operator:
    """Runs commands, with a clock moved by hand; `outcome` is what a test message comes to."""

    store: Store
    config: Config
    now: float = NOW
    outcome: Outcome = TAKEN
    tried: list[str] = field(default_factory=list)

    async def run(self, command: str, **arguments: object) -> dict[str, Any]:
        """Run one."""
        context = CommandContext(
            store=self.store, config=self.config, now=lambda: self.now, try_out=self._try_out
        )
        return await COMMANDS[command](context, arguments)

    async def deliveries(self, **wanted: object) -> list[dict[str, Any]]:
        """What is listed."""
        arguments = {"device": None, "state": None, "before": None, "limit": 20, **wanted}
        listed: list[dict[str, Any]] = (await self.run("deliveries.list", **arguments))["deliveries"]
        return listed

    async def _try_out(self, endpoint: Endpoint, _sample: Sample) -> Outcome:
        self.tried.append(endpoint.url)
        return self.outcome


@pytest.fixture
async def operator(tmp_path: Path) -> AsyncIterator[Operator]:
    async with (
        open_migrated(tmp_path / "relay.db") as database,
        open_store(database.driver, VAULT, "node") as store,
    ):
        yield Operator(store=store, config=make_config())
