"""Nodes say that they are alive, and are forgotten when they were silent for long."""

from dataclasses import replace

from relay.store.nodes import ALIVE_FOR_MS, FORGOTTEN_AFTER_MS, Node, beat, leave, list_nodes
from relay.store.store import Store
from tests.store.given import NOW_MS

NODE = Node(name="host:1:a", started_at_ms=NOW_MS, seen_at_ms=NOW_MS, version="1.0")


async def test_a_node_that_beats_again_keeps_its_start(store: Store) -> None:
    later = replace(NODE, started_at_ms=NOW_MS + 10_000, seen_at_ms=NOW_MS + 10_000)
    await store.driver.transact(beat(NODE))
    await store.driver.transact(beat(later))

    assert await store.driver.transact(list_nodes()) == [replace(NODE, seen_at_ms=NOW_MS + 10_000)]


async def test_a_silent_node_is_forgotten_by_another(store: Store) -> None:
    seen_at_ms = NOW_MS + FORGOTTEN_AFTER_MS + 1
    other = Node(name="host:2:b", started_at_ms=seen_at_ms, seen_at_ms=seen_at_ms, version="1.1")
    await store.driver.transact(beat(NODE))
    await store.driver.transact(beat(replace(other, seen_at_ms=seen_at_ms - 1)))
    both = await store.driver.transact(list_nodes())
    await store.driver.transact(beat(other))

    assert [node.name for node in both] == [NODE.name, other.name]
    assert await store.driver.transact(list_nodes()) == [other]


async def test_a_node_that_leaves_is_gone(store: Store) -> None:
    await store.driver.transact(beat(NODE))
    await store.driver.transact(leave(NODE.name))

    assert await store.driver.transact(list_nodes()) == []


async def test_a_node_learns_with_its_beat_how_many_are_alive(store: Store) -> None:
    seen_at_ms = NOW_MS + ALIVE_FOR_MS
    silent = Node(name="host:0:z", started_at_ms=NOW_MS, seen_at_ms=NOW_MS - 1, version="1.0")
    other = Node(name="host:2:b", started_at_ms=NOW_MS, seen_at_ms=seen_at_ms, version="1.1")

    assert await store.driver.transact(beat(NODE)) == 1
    await store.driver.transact(beat(silent))
    assert await store.driver.transact(beat(other)) == 2


def test_a_node_is_alive_when_it_was_seen_a_moment_ago() -> None:
    assert NODE.is_alive(NOW_MS + ALIVE_FOR_MS)
    assert not NODE.is_alive(NOW_MS + ALIVE_FOR_MS + 1)
