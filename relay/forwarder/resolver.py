"""Our own resolver: no cache, every answer judged, dead DNS servers kept apart from living ones."""

import asyncio
import concurrent.futures
import functools
import socket
import threading
from collections import OrderedDict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from ipaddress import ip_address

from aiohttp.abc import AbstractResolver, ResolveResult

from relay.domain.target import TargetPolicy, judge_address
from relay.forwarder.refusal import ConnectRefused

LookUp = Callable[[str], Sequence[str]]

_QUICK_SECONDS = 1.0


def system_look_up(host: str) -> list[str]:
    """All addresses of a name, as the operating system says; blocks.

    Raises:
        OSError: No answer.
    """
    infos = socket.getaddrinfo(host, None, type=socket.SOCK_STREAM)
    return [str(info[4][0]) for info in infos]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Known:
    address: str
    quick: bool


class GuardedResolver(AbstractResolver):
    """Resolves names for aiohttp's connector; one unsafe address in an answer refuses all of it.

    Nothing is cached: who asks while the same name is being looked up shares that look-up, no other.
    At most `in_flight` look-ups run at once; half of these places are for names that were answered quickly
    the last time, so that names with dead or slow DNS servers delay only each other and newcomers.
    `limit_seconds` does not count the wait for a place.
    """

    def __init__(
        self,
        policy: TargetPolicy,
        *,
        look_up: LookUp = system_look_up,
        limit_seconds: float = 5.0,
        in_flight: int = 20,
        remembered: int = 10_000,
    ) -> None:
        self._policy = policy
        self._look_up = look_up
        self._limit_seconds = limit_seconds
        self._remembered = remembered
        self._known: OrderedDict[str, _Known] = OrderedDict()
        self._places_for_quick = asyncio.Semaphore(in_flight // 2)
        self._places_for_others = asyncio.Semaphore(in_flight - in_flight // 2)
        self._asked: dict[str, asyncio.Task[Sequence[str]]] = {}
        self._running: set[asyncio.Future[Sequence[str]]] = set()

    def address_of(self, host: str) -> str | None:
        """The address that stands for a host in limits: the first of its last answer, or a literal itself."""
        if known := self._known.get(host):
            return known.address
        try:
            address = ip_address(host).compressed
        except ValueError:
            return None
        self._remember(host, _Known(address=address, quick=True))
        return address

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_UNSPEC
    ) -> list[ResolveResult]:
        """Look a name up and judge all its addresses.

        Raises:
            ConnectRefused: One of the addresses is none that the relay may connect to.
            OSError: No answer, an empty one, or none in time.
        """
        addresses = await asyncio.shield(self._ask(host))
        for address in addresses:
            if reason := judge_address(address, self._policy):
                raise ConnectRefused(reason)
        results = [_result(host, address, port) for address in addresses]
        return [result for result in results if family in (socket.AF_UNSPEC, result["family"])]

    async def close(self) -> None:
        """Give up what is being looked up."""
        for waiting in (*self._asked.values(), *self._running):
            waiting.cancel()

    def _ask(self, host: str) -> asyncio.Task[Sequence[str]]:
        if asked := self._asked.get(host):
            return asked
        task = self._asked[host] = asyncio.create_task(self._answer(host))
        task.add_done_callback(functools.partial(self._answered, host))
        return task

    def _answered(self, host: str, task: asyncio.Task[Sequence[str]]) -> None:
        del self._asked[host]
        if task.cancelled() or task.exception():  # asked for, in case nobody waits any longer
            self._known.pop(host, None)

    async def _answer(self, host: str) -> Sequence[str]:
        running = await self._start(host)
        started = asyncio.get_running_loop().time()
        try:
            addresses = await asyncio.wait_for(asyncio.shield(running), self._limit_seconds)
        except TimeoutError:
            raise socket.gaierror(socket.EAI_AGAIN, "the DNS look-up took too long") from None
        if not addresses:
            raise socket.gaierror(socket.EAI_NONAME, "the name has no address")
        took_seconds = asyncio.get_running_loop().time() - started
        self._remember(host, _Known(address=addresses[0], quick=took_seconds <= _QUICK_SECONDS))
        return addresses

    async def _start(self, host: str) -> asyncio.Future[Sequence[str]]:
        """Begin a look-up when there is a place for it; it keeps the place until its thread ends."""
        known = self._known.get(host)
        places = self._places_for_quick if known and known.quick else self._places_for_others
        await places.acquire()
        running = asyncio.wrap_future(_in_thread(functools.partial(self._look_up, host)))
        self._running.add(running)
        running.add_done_callback(self._running.discard)
        running.add_done_callback(lambda _: places.release())
        return running

    def _remember(self, host: str, known: _Known) -> None:
        self._known[host] = known
        self._known.move_to_end(host)
        if len(self._known) > self._remembered:
            self._known.popitem(last=False)


def _result(host: str, address: str, port: int) -> ResolveResult:
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    return ResolveResult(
        hostname=host, host=address, port=port, family=family, proto=0, flags=socket.AI_NUMERICHOST
    )


def _in_thread(look_up: Callable[[], Sequence[str]]) -> concurrent.futures.Future[Sequence[str]]:
    """Run it in a daemon thread: a look-up cannot be stopped, and a pool's threads hold up the exit."""
    done: concurrent.futures.Future[Sequence[str]] = concurrent.futures.Future()
    done.set_running_or_notify_cancel()  # a waiter that is cancelled must not cancel this

    def run() -> None:
        try:
            done.set_result(look_up())
        except BaseException as error:  # carried to who waits
            done.set_exception(error)

    try:
        threading.Thread(target=run, name="dns", daemon=True).start()
    except RuntimeError as error:  # no more threads
        done.set_exception(error)
    return done
