"""Several endpoints of one device: adding, setting and removing them."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

from relay.domain.endpoint import Endpoint
from relay.domain.endpoint_options import (
    MOST_ENDPOINTS,
    EndpointOptions,
    EndpointSettings,
    kinds_text,
    read_kinds,
)
from relay.store.binding import (
    Moved,
    change_url,
    claim_uplinks,
    insert_endpoint,
    open_endpoint,
    seal_options,
)
from relay.store.driver import Do, Row, Steps
from relay.store.notices import endpoint_changed
from relay.store.vault import Vault

BURY_AT_ONCE = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class NewEndpoint:
    """An endpoint to add, checked before."""

    device: int
    url: str
    host: str
    secret: str
    settings: EndpointSettings


@dataclass(frozen=True, slots=True, kw_only=True)
class Arranged:
    """An endpoint with its secrets and settings in clear."""

    endpoint: Endpoint
    host: str
    settings: EndpointSettings


def add_endpoint(
    new: NewEndpoint, vault: Vault, now_ms: int, new_webhook_id: Callable[[], str]
) -> Steps[Endpoint | None]:
    """Add one behind the others; None when the device has as many as it may.

    The first one gets the messages that came before.
    """
    yield Do("change_ways")
    others = yield Do("endpoints_of_device", [{"device": new.device}])
    if len(others) >= MOST_ENDPOINTS:
        return None
    endpoint = Endpoint(
        id=(yield Do("take_ids", [{"count": 1}]))[0]["first_id"],
        device=new.device,
        url=new.url,
        secret=new.secret,
        options=new.settings.options,
    )
    yield insert_endpoint(endpoint, new.host, len(others) + 1, vault, now_ms)
    yield Do("arrange_endpoint", [_arrangement(endpoint.id, new.settings, vault, now_ms)])
    yield endpoint_changed(new.device, endpoint.id, work=True)
    if not others:
        yield from claim_uplinks(new.device, endpoint.id, now_ms, new_webhook_id)
    return replace(endpoint, revision=2)


def arranged(endpoint_id: int, vault: Vault) -> Steps[Arranged | None]:
    """One endpoint; None when it is gone."""
    rows = yield Do("read_endpoint", [{"id": endpoint_id}])
    if not rows:
        return None
    endpoint = open_endpoint(rows[0], vault)
    settings = (yield Do("read_arrangement", [{"id": endpoint_id}]))[0]
    return Arranged(endpoint=endpoint, host=rows[0]["host"], settings=_settings(settings, endpoint.options))


def _settings(row: Row, options: EndpointOptions) -> EndpointSettings:
    return EndpointSettings(
        name=row["name"],
        kinds=read_kinds(row["kinds"]),
        awaits_radio=bool(row["awaits_radio"]),
        options=options,
    )


def arrange(
    endpoint_id: int, settings: EndpointSettings, moved: Moved | None, vault: Vault, now_ms: int
) -> Steps[Arranged | None]:
    """Set an endpoint, and point it elsewhere if it `moved`; None when it is gone.

    None of the headers that there were goes to another host.
    """
    yield Do("change_ways")
    before = yield from arranged(endpoint_id, vault)
    if before is None:
        return None
    if moved is not None:
        yield from change_url(before.endpoint, before.host, moved, vault, now_ms)
        if moved.host != before.host:
            options = settings.options.at_another_host(before.settings.options)
            settings = replace(settings, options=options)
    yield Do("arrange_endpoint", [_arrangement(endpoint_id, settings, vault, now_ms)])
    yield endpoint_changed(before.endpoint.device, endpoint_id)
    return (yield from arranged(endpoint_id, vault))


def _arrangement(
    endpoint_id: int, settings: EndpointSettings, vault: Vault, now_ms: int
) -> dict[str, object]:
    return {
        "id": endpoint_id,
        "name": settings.name,
        "kinds": kinds_text(settings.kinds),
        "awaits_radio": int(settings.awaits_radio),
        "options_sealed": seal_options(endpoint_id, settings.options, vault),
        "now_ms": now_ms,
    }


@dataclass(frozen=True, slots=True, kw_only=True)
class Removal:
    """How far a removal is; `buried` counts the deliveries that were given up in this step."""

    buried: int
    done: bool


def when_removed(step: Removal) -> Mapping[str, str] | None:
    """For `noted`: it is removed with the last step."""
    return {} if step.done else None


def remove_some(endpoint_id: int, now_ms: int) -> Steps[Removal]:
    """Give up open deliveries of an endpoint; it goes in the transaction that finds the last of them.

    They stay listed as dead. Those behind it move up, so that the next one becomes the first.
    """
    yield Do("change_ways")
    wanted = {"endpoint_id": endpoint_id, "now_ms": now_ms, "limit": BURY_AT_ONCE}
    buried = yield Do("bury_open", [wanted])
    if len(buried) == BURY_AT_ONCE:
        return Removal(buried=len(buried), done=False)
    gone = yield Do("delete_endpoint", [{"id": endpoint_id}])
    for row in gone:
        yield endpoint_changed(row["device"], endpoint_id)
        behind = yield Do("endpoints_behind", [{"device": row["device"], "position": row["position"]}])
        yield Do("set_position", [{"id": one["id"], "position": one["position"] - 1} for one in behind])
    return Removal(buried=len(buried), done=True)
