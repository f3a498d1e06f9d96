"""What is done to a device by people, as its owner may read it afterwards."""

import enum


class Actor(enum.StrEnum):
    """Who did it."""

    OWNER = "owner"


class Action(enum.StrEnum):
    """Each has its sentence in the catalogues."""

    SIGNED_IN = "signed_in"
    SIGNED_OUT_EVERYWHERE = "signed_out_everywhere"
    URL_CHANGED = "url_changed"
    WEBHOOK_SET = "webhook_set"
    WEBHOOK_ADDED = "webhook_added"
    WEBHOOK_REMOVED = "webhook_removed"
    PAUSED = "paused"
    RESUMED = "resumed"
    TESTED = "tested"
    SECRET_REVEALED = "secret_revealed"  # noqa: S105 - a word
    SECRET_ROTATED = "secret_rotated"  # noqa: S105 - a word
    SETTINGS_CHANGED = "settings_changed"
    EMAIL_ASKED = "email_asked"
    EMAIL_KEPT = "email_kept"
    EMAIL_CHANGED = "email_changed"
    DOWNLINK_QUEUED = "downlink_queued"
    DOWNLINK_CANCELLED = "downlink_cancelled"
    QUEUE_EMPTIED = "queue_emptied"
    DOWNLOADED = "downloaded"
