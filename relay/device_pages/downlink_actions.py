"""What an owner does on the page of downlinks."""

from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from dataclasses import replace

from aiohttp import web

from relay.device_pages.downlink import (
    EXPIRIES_DAYS,
    INHERITED,
    MODES,
    MOST_TRIES,
    DownlinkForms,
    downlink_page,
    forms_of,
    type_of,
)
from relay.device_pages.frame import Tab, done
from relay.device_pages.owned import Owned
from relay.device_pages.refusals import refusal_of
from relay.domain.activity import Action
from relay.domain.downlink_chain import DownlinkMode
from relay.domain.downlink_data import parse_downlink_data
from relay.domain.endpoint_options import MAX_NAME_CHARACTERS
from relay.errors import ChangeRefused, DownlinkRefused, SettingRefused
from relay.store.downlinks import Downlinks, Push
from relay.web.activity import deed_of
from relay.web.catalogue import phrase
from relay.web.keys import STORE
from relay.web.query import read_id
from relay.web.setting_changes import changed_device

Fields = Mapping[str, str]
Act = Callable[[web.Request, Owned, Fields], Awaitable[web.Response]]

_CHAIN_WORDS = {INHERITED, DownlinkMode.NONE, *MODES}
_TRIES = {str(each) for each in range(1, MOST_TRIES + 1)}


async def act_on_downlinks(request: web.Request, owned: Owned, fields: dict[str, str]) -> web.Response:
    """Do what the button says that was pressed."""
    act = _ACTS.get(fields.get("do", ""))
    if act is None:
        raise web.HTTPBadRequest
    return await act(request, owned, fields)


async def empty_queue(request: web.Request, owned: Owned, _: dict[str, str]) -> web.Response:
    """Take all out of the queue."""
    deed = deed_of(request, owned.device.number, Action.QUEUE_EMPTIED)
    await Downlinks(request.app[STORE].driver).clear(owned.device.number, owned.now_ms, deed)
    return _back(request, owned, owned.say(phrase("The queue is empty.")))


async def _preview(request: web.Request, owned: Owned, fields: Fields) -> web.Response:
    forms = _with_mode_errors(owned, _mode_forms(owned, fields))
    forms, _ = await _judged(request, owned, forms)
    return await downlink_page(request, owned, forms, 422 if forms.errors else 200)


async def _set_mode(request: web.Request, owned: Owned, fields: Fields) -> web.Response:
    forms, given = await _judged(request, owned, _with_mode_errors(owned, _mode_forms(owned, fields)))
    if forms.errors:
        return await downlink_page(request, owned, forms, 422)
    device_type = await type_of(request, owned.device)
    deed = deed_of(request, owned.device.number, Action.SETTINGS_CHANGED)
    await request.app[STORE].change_device(
        owned.device.number, lambda found: changed_device(found, device_type, given), deed
    )
    return _back(request, owned, owned.say(phrase("Saved.")))


def _mode_forms(owned: Owned, fields: Fields) -> DownlinkForms:
    first, second, third = (fields.get(f"chain-{number}", "") for number in (1, 2, 3))
    if not {first, second, third} <= _CHAIN_WORDS:
        raise web.HTTPBadRequest
    template = fields.get("downlink_template", "").replace(" ", "").strip()
    return replace(forms_of(owned.device), chain=(first, second, third), template=template)


def _with_mode_errors(owned: Owned, forms: DownlinkForms) -> DownlinkForms:
    modes = [mode for mode in forms.chain if mode in MODES]
    is_first_missing = forms.chain[0] not in MODES
    if modes and is_first_missing and forms.chain[1:] != forms_of(owned.device).chain[1:]:
        sentence = phrase("Choose the first way here, too: the others follow it.")
        return replace(forms, errors={"chain-1": owned.say(sentence)})
    sentence = owned.say(phrase("Each way can stand only once."))
    return replace(forms, errors=dict.fromkeys(_repeated(forms.chain), sentence))


def _repeated(chain: Sequence[str]) -> Iterator[str]:
    """The drop-downs that say what one before them says already."""
    for number, mode in enumerate(chain, start=1):
        if mode in MODES and mode in chain[: number - 1]:
            yield f"chain-{number}"


async def _judged(
    request: web.Request, owned: Owned, forms: DownlinkForms
) -> tuple[DownlinkForms, dict[str, str]]:
    """The forms with all that is wrong with them, and the settings that they ask for."""
    given = {"downlink_chain": _chain(forms), "downlink_template": forms.template}
    has_no_chain = not given["downlink_chain"] and not owned.device.downlink_chain
    if forms.errors or has_no_chain:
        del given["downlink_chain"]  # so a template alone turns downlinks on where nothing else does
    try:
        changed_device(owned.device, await type_of(request, owned.device), given)
    except ChangeRefused as refused:
        sentence = _refusal(owned, refused.refusals[0])  # what the ways need is a template that is right
        return replace(forms, errors={**forms.errors, "downlink_template": sentence}), given
    return forms, given


def _chain(forms: DownlinkForms) -> str:
    if forms.chain[0] in (INHERITED, DownlinkMode.NONE):
        return forms.chain[0]
    return ",".join(mode for mode in forms.chain if mode in MODES)


def _refusal(owned: Owned, refused: SettingRefused) -> str:
    if refused.setting == "downlink_chain":
        return owned.say(phrase("To answer by the template, write one."))
    return refusal_of(owned, refused)


async def _push(request: web.Request, owned: Owned, fields: Fields) -> web.Response:
    forms = _push_forms(owned, fields)
    errors = _push_errors(owned, forms)
    if not errors:
        push = Push(
            device=owned.device.number,
            data=parse_downlink_data(forms.data),
            label=forms.label,
            expires_at_ms=owned.now_ms + forms.expires_days * 86_400_000 if forms.expires_days else None,
            most_tries=int(forms.tries),
        )
        try:
            deed = deed_of(request, owned.device.number, Action.DOWNLINK_QUEUED, data=push.data)
            await Downlinks(request.app[STORE].driver).push(push, owned.now_ms, deed)
        except DownlinkRefused as refused:
            errors = {"data": owned.translate(refused.sentence)}
    if errors:
        return await downlink_page(request, owned, replace(forms, errors=errors), 422)
    return _back(request, owned, owned.say(phrase("The downlink waits until the device asks.")))


def _push_forms(owned: Owned, fields: Fields) -> DownlinkForms:
    days = fields.get("expires", "0")
    if days not in {str(each) for each in EXPIRIES_DAYS}:
        raise web.HTTPBadRequest
    return replace(
        forms_of(owned.device),
        data="".join(fields.get("data", "").split()),
        label=fields.get("label", "").strip(),
        expires_days=int(days),
        tries=fields.get("tries", "1").strip(),
    )


def _push_errors(owned: Owned, forms: DownlinkForms) -> dict[str, str]:
    errors = {}
    try:
        parse_downlink_data(forms.data)
    except DownlinkRefused as refused:
        errors["data"] = owned.translate(refused.sentence)
    if len(forms.label) > MAX_NAME_CHARACTERS or not forms.label.isprintable():
        sentence = phrase("A label has at most %(most)s characters that can be seen.")
        errors["label"] = owned.say(sentence, most=MAX_NAME_CHARACTERS)
    if forms.tries not in _TRIES:
        sentence = phrase("Write how many tries there may be, from 1 to %(most)s.")
        errors["tries"] = owned.say(sentence, most=MOST_TRIES)
    return errors


async def _cancel(request: web.Request, owned: Owned, fields: Fields) -> web.Response:
    asked, downlinks = read_id(fields.get("downlink", "")), Downlinks(request.app[STORE].driver)
    found = None if asked is None else await downlinks.find(asked)
    if found is None or found.device != owned.device.number:
        raise web.HTTPNotFound
    deed = deed_of(request, owned.device.number, Action.DOWNLINK_CANCELLED, data=found.data)
    if not await downlinks.cancel(owned.device.number, found.id, owned.now_ms, deed):
        return _back(request, owned, owned.say(phrase("It is not in the queue any more.")), "warning")
    return _back(request, owned, owned.say(phrase("Taken out of the queue.")))


def _back(request: web.Request, owned: Owned, sentence: str, kind: str = "good") -> web.Response:
    return done(request, f"{owned.path}/{Tab.DOWNLINK}", sentence, kind)


_ACTS: Mapping[str, Act] = {"mode": _set_mode, "preview": _preview, "push": _push, "cancel": _cancel}
