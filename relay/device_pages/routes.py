"""The paths of the owner's pages."""

from aiohttp import web

from relay.device_pages import downlink_routes, live, settings_routes, webhook_routes
from relay.device_pages.charts import send_chart, show_charts
from relay.device_pages.deliveries import show_deliveries
from relay.device_pages.endpoint_actions import hurry, pause, resume, send_test
from relay.device_pages.export import send_csv, send_lines
from relay.device_pages.frame import Tab, add_action, add_page, add_view
from relay.device_pages.live import stream_changes
from relay.device_pages.map import send_places, show_map
from relay.device_pages.message import MESSAGE_PATH, replay, show_message
from relay.device_pages.messages import show_messages
from relay.device_pages.overview import show_overview
from relay.device_pages.owned import SIGN_IN_PATH
from relay.device_pages.recover import cancel_recover, show_recover, start_recover
from relay.device_pages.replay_selected import show_replay, start_replay
from relay.device_pages.sign_in import (
    show_devices,
    show_sign_in,
    sign_out,
    sign_out_everywhere,
    take_sign_in,
)
from relay.device_pages.sign_in_link import (
    LINK_PATH,
    SENT_PATH,
    show_link_form,
    show_sent,
    take_link_form,
)


def setup(app: web.Application) -> None:
    """Add the sign-in and the pages of devices."""
    app.router.add_get(SIGN_IN_PATH, show_sign_in)
    app.router.add_post(SIGN_IN_PATH, take_sign_in)
    app.router.add_get(LINK_PATH, show_link_form)
    app.router.add_post(LINK_PATH, take_link_form)
    app.router.add_get(SENT_PATH, show_sent)
    app.router.add_post("/signout", sign_out)
    app.router.add_get("/devices", show_devices)
    add_action(app, "signout-everywhere", sign_out_everywhere)
    add_page(app, Tab.OVERVIEW, show_overview)
    add_page(app, Tab.MESSAGES, show_messages)
    add_view(app, "messages.csv", send_csv)
    add_view(app, "messages.jsonl", send_lines)
    add_view(app, MESSAGE_PATH, show_message)
    add_action(app, f"{MESSAGE_PATH}/replay", replay)
    add_page(app, Tab.DELIVERIES, show_deliveries)
    add_view(app, "replay", show_replay)
    add_action(app, "replay", start_replay)
    add_view(app, "recover", show_recover)
    add_action(app, "recover", start_recover)
    add_action(app, "recover/cancel", cancel_recover)
    add_action(app, "pause", pause)
    add_action(app, "resume", resume)
    add_action(app, "send-now", hurry)
    add_action(app, "test", send_test)
    webhook_routes.setup(app)
    downlink_routes.setup(app)
    settings_routes.setup(app)
    add_page(app, Tab.CHARTS, show_charts)
    add_view(app, "charts.csv", send_chart)
    add_page(app, Tab.MAP, show_map)
    add_view(app, "map.geojson", send_places)
    live.setup(app)
    add_view(app, "live", stream_changes)
