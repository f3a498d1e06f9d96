"""What is done to a device by people, as its owner may read it afterwards."""

import enum
from collections.abc import Mapping
from dataclasses import dataclass, field


class Actor(enum.StrEnum):
    """Who did it."""

    OWNER = "owner"
    OPERATOR = "operator"  # by the command line
    LINK = "link"  # whoever opened a link in a mail


class Action(enum.StrEnum):
    """Each has its sentence in the catalogues."""

    SIGNED_IN = "signed_in"
    SIGNED_OUT_EVERYWHERE = "signed_out_everywhere"
    URL_CHANGED = "url_changed"
    WEBHOOK_SET = "webhook_set"
    WEBHOOK_ADDED = "webhook_added"
    WEBHOOK_REMOVED = "webhook_removed"
    REGISTERED = "registered"
    CHANGE_UNDONE = "change_undone"
    PROVISIONED = "provisioned"
    PAUSED = "paused"
    RESUMED = "resumed"
    TESTED = "tested"
    SECRET_REVEALED = "secret_revealed"  # noqa: S105 - a word
    SECRET_ROTATED = "secret_rotated"  # noqa: S105 - a word
    SETTINGS_CHANGED = "settings_changed"
    EMAIL_ASKED = "email_asked"
    EMAIL_KEPT = "email_kept"
    EMAIL_CHANGED = "email_changed"
    MAIL_TRIED = "mail_tried"
    DOWNLINK_QUEUED = "downlink_queued"
    DOWNLINK_CANCELLED = "downlink_cancelled"
    QUEUE_EMPTIED = "queue_emptied"
    REPLAYED = "replayed"
    REPLAY_STARTED = "replay_started"
    REPLAY_CANCELLED = "replay_cancelled"
    HURRIED = "hurried"
    DOWNLOADED = "downloaded"


@dataclass(frozen=True, slots=True, kw_only=True)
class Doer:
    """Who does something, and from which address of the internet, if that is known."""

    actor: Actor
    address: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Deed:
    """Something that is being done to a device; `facts` are those of its sentence."""

    device: int
    doer: Doer
    action: Action
    at_ms: int
    facts: Mapping[str, str] = field(default_factory=dict)
