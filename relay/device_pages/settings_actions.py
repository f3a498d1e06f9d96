"""What an owner does on the page of settings."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace
from typing import assert_never

from aiohttp import web
from email_validator import EmailNotValidError, validate_email

from relay.device_pages.alert_form import mailed_kinds
from relay.device_pages.frame import Tab, done
from relay.device_pages.owned import SIGN_IN_PATH, Owned
from relay.device_pages.refusals import refusals_of
from relay.device_pages.settings import SettingsForms, forget_page, forms_of, settings_page, type_of
from relay.domain.activity import Action
from relay.domain.device import parse_device_id
from relay.domain.device_event import NO_ALERTS, DeviceEventKind
from relay.domain.device_settings import effective
from relay.errors import ChangeRefused
from relay.logs import mask_email
from relay.store.activity import always, noted
from relay.store.alerting import try_mail, when_posted
from relay.store.contact import Asked, ask_email, set_language, void_email_asks, when_sent
from relay.store.erasing import erase_device
from relay.store.outbox import Fate, log_posted
from relay.web.activity import deed_of
from relay.web.catalogue import phrase
from relay.web.flash import put_flash
from relay.web.keys import CONFIG, STORE
from relay.web.pages import no_store, see_other
from relay.web.setting_changes import changed_device

_log = logging.getLogger(__name__)

Fields = Mapping[str, str]
Act = Callable[[web.Request, Owned, Fields], Awaitable[web.Response]]

_GENERAL = ("name", "time_zone")
_DECODER = ("display", "grammar", "latitude_field", "longitude_field")
_PLACE = ("fixed_latitude", "fixed_longitude", "fixed_label")
_ALERTS = ("keep_alive_seconds", "low_battery", "sequence_modulo", "alert_window_seconds", "alert_email")

_SAVED = phrase("Saved.")
_LINK_SENT = phrase("We have sent a link to the new address. The old one stays until it is opened.")
_LIMITED = phrase("There were too many mails about this device in this hour. Try again in an hour.")
_NO_SERVER = phrase("This relay sends no mails: its operator has set up no mail server.")
_TRIED: Mapping[Fate, tuple[str, str]] = {
    Fate.QUEUED: ("good", phrase("A test mail is on its way.")),
    Fate.LIMITED: ("warning", _LIMITED),
    Fate.NOT_CONFIGURED: ("warning", _NO_SERVER),
    Fate.NO_ADDRESS: ("warning", phrase("There is no address yet to which alerts could go.")),
}
_NOT_ASKED: Mapping[Asked, str] = {
    Asked.LIMITED: _LIMITED,
    Asked.NO_SERVER: phrase(
        "The address stays as it is: this relay sends no mails, so the new one cannot be confirmed. "
        "Ask the operator to set up a mail server."
    ),
}


async def act_on_settings(request: web.Request, owned: Owned, fields: dict[str, str]) -> web.Response:
    """Do what the button says that was pressed."""
    act = _ACTS.get(fields.get("do", ""))
    if act is None:
        raise web.HTTPBadRequest
    return await act(request, owned, fields)


async def forget(request: web.Request, owned: Owned, fields: dict[str, str]) -> web.Response:
    """Erase what there is of the device's owner, once its ID was typed."""
    try:
        typed = parse_device_id("".join(fields.get("device_id", "").split()))
    except ValueError:
        typed = None
    if typed != owned.device.number:
        sentence = phrase("Type %(device)s to delete everything.")
        return await forget_page(request, owned, error=owned.say(sentence, device=owned.device.label))
    # Once begun it goes on, also when the browser does not wait.
    await asyncio.shield(erase_device(request.app[STORE].driver, owned.device.number, owned.now_ms))
    _log.info("device.erased", extra={"device": f"{owned.device.number:X}"})
    sentence = owned.say(phrase("Everything about %(device)s is deleted."), device=owned.device.label)
    return put_flash(request, no_store(see_other(SIGN_IN_PATH)), sentence)


async def _general(request: web.Request, owned: Owned, fields: Fields) -> web.Response:
    language = fields.get("language", owned.device.language)
    if language not in request.app[CONFIG].ui.languages:
        raise web.HTTPBadRequest
    response = await _change(request, owned, _picked(fields, _GENERAL))
    if response.status == 303 and language != owned.device.language:
        deed = deed_of(request, owned.device.number, Action.SETTINGS_CHANGED, names="language")
        await request.app[STORE].driver.transact(
            noted(set_language(owned.device.number, language), deed, always)
        )
    return response


async def _decoder(request: web.Request, owned: Owned, fields: Fields) -> web.Response:
    return await _change(request, owned, _decoder_fields(owned, fields))


def _decoder_fields(owned: Owned, fields: Fields) -> dict[str, str]:
    """Who writes another grammar and leaves the choice above it alone wants payloads shown by the grammar."""
    given, device = _picked(fields, _DECODER), owned.device
    is_new = given["grammar"] not in ("", device.grammar)
    if is_new and given["display"] == (device.display or ""):
        del given["display"]
    return given


async def _preview_decoder(request: web.Request, owned: Owned, fields: Fields) -> web.Response:
    """The last messages as they would be shown; nothing is saved."""
    given, device_type = _decoder_fields(owned, fields), await type_of(request, owned.device)
    forms = _typed(owned, given)
    try:
        changed = changed_device(owned.device, device_type, given)
        forms = _typed(owned, {**given, "display": changed.display or ""})
    except ChangeRefused as refused:
        forms = replace(forms, errors=refusals_of(owned, refused))
        return await settings_page(request, owned, forms, 422)
    return await settings_page(request, owned, forms, previewed=effective(changed, device_type))


async def _place(request: web.Request, owned: Owned, fields: Fields) -> web.Response:
    """Where a comma parts whole degrees from the rest, as in Czech, it is read as a point."""
    given = _picked(fields, _PLACE)
    degrees = {name: given[name].replace(",", ".") for name in ("fixed_latitude", "fixed_longitude")}
    return await _change(request, owned, {**given, **degrees}, "place")


async def _clear_place(request: web.Request, owned: Owned, _: Fields) -> web.Response:
    return await _change(request, owned, dict.fromkeys(_PLACE, ""), "place")


async def _alerts(request: web.Request, owned: Owned, fields: Fields) -> web.Response:
    chosen = [kind for kind in DeviceEventKind if f"alert-{kind}" in fields]
    alerts = (",".join(chosen) or NO_ALERTS) if await _are_own(request, owned, fields, chosen) else ""
    given = {**_picked(fields, _ALERTS), "alerts": alerts}
    return await _change(request, owned, given, "alerts")


async def _try_mail(request: web.Request, owned: Owned, _: Fields) -> web.Response:
    """See whether alerts arrive."""
    store = request.app[STORE]
    deed = deed_of(request, owned.device.number, Action.MAIL_TRIED)
    steps = try_mail(owned.device.number, store.outbox, owned.now_ms)
    posted = await store.driver.transact(noted(steps, deed, when_posted))
    log_posted([posted])
    kind, sentence = _TRIED[posted.fate]
    return done(request, f"{owned.path}/{Tab.SETTINGS}#alerts", owned.say(sentence), kind)


async def _are_own(request: web.Request, owned: Owned, fields: Fields, chosen: list[DeviceEventKind]) -> bool:
    """Who ticks something else and leaves it to the device type as before means what is ticked."""
    if fields.get("which") == "own" or owned.device.alerts or not chosen:
        return fields.get("which") == "own"
    return set(chosen) != mailed_kinds((await type_of(request, owned.device)).alerts)


async def _email(request: web.Request, owned: Owned, fields: Fields) -> web.Response:
    """Another address is used once the link was opened that is sent to it."""
    email, store = fields.get("email", "").strip(), request.app[STORE]
    try:
        validate_email(email, check_deliverability=False, allow_smtputf8=False, test_environment=True)
    except EmailNotValidError:
        return await _email_refused(request, owned, email, phrase("Enter an address like name@example.com"))
    deed = deed_of(request, owned.device.number, Action.EMAIL_ASKED, email=mask_email(email))
    steps = ask_email(owned.device.number, email, store.outbox, owned.now_ms)
    asked, posted = await store.driver.transact(noted(steps, deed, when_sent))
    log_posted(posted)
    match asked:
        case Asked.SAME:
            return _saved(request, owned, "mail", phrase("Mails go to this address already."))
        case Asked.LIMITED | Asked.NO_SERVER:
            return await _email_refused(request, owned, email, _NOT_ASKED[asked])
        case Asked.LINK_SENT:
            return _saved(request, owned, "mail", _LINK_SENT)
        case _:
            assert_never(asked)


async def _email_refused(request: web.Request, owned: Owned, email: str, sentence: str) -> web.Response:
    forms = replace(_typed(owned, {"email": email}), errors={"email": owned.say(sentence)})
    return await settings_page(request, owned, forms, 422)


async def _keep_email(request: web.Request, owned: Owned, _: Fields) -> web.Response:
    deed = deed_of(request, owned.device.number, Action.EMAIL_KEPT)
    await request.app[STORE].driver.transact(noted(void_email_asks(owned.device.number, owned.now_ms), deed))
    return _saved(request, owned, "mail", phrase("The address stays as it is."))


async def _change(
    request: web.Request, owned: Owned, given: dict[str, str], anchor: str = ""
) -> web.Response:
    device_type = await type_of(request, owned.device)
    deed = deed_of(request, owned.device.number, Action.SETTINGS_CHANGED)
    try:
        await request.app[STORE].change_device(
            owned.device.number, lambda found: changed_device(found, device_type, given), deed
        )
    except ChangeRefused as refused:
        forms = replace(_typed(owned, given), errors=refusals_of(owned, refused))
        return await settings_page(request, owned, forms, 422)
    return _saved(request, owned, anchor)


def _picked(fields: Fields, names: tuple[str, ...]) -> dict[str, str]:
    """Line ends of a text area part the fields of a grammar as spaces do."""
    return {name: " ".join(fields.get(name, "").splitlines()).strip() for name in names}


def _typed(owned: Owned, given: Fields) -> SettingsForms:
    forms = forms_of(owned.device)
    values = {name: text for name, text in given.items() if name in forms.values}
    alerts = forms.alerts
    own_alerts = forms.own_alerts
    if "alerts" in given:
        alerts, own_alerts = frozenset(given["alerts"].split(",")), bool(given["alerts"])
    return SettingsForms(values={**forms.values, **values}, alerts=alerts, own_alerts=own_alerts)


def _saved(request: web.Request, owned: Owned, anchor: str, sentence: str = _SAVED) -> web.Response:
    location = f"{owned.path}/{Tab.SETTINGS}"
    return done(request, f"{location}#{anchor}" if anchor else location, owned.say(sentence))


_ACTS: Mapping[str, Act] = {
    "general": _general,
    "email": _email,
    "keep-email": _keep_email,
    "decoder": _decoder,
    "preview": _preview_decoder,
    "place": _place,
    "clear-place": _clear_place,
    "alerts": _alerts,
    "try-mail": _try_mail,
}
