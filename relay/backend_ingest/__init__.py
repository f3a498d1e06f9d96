"""The door for Sigfox: reading callbacks, and the answer that may carry a downlink."""

from relay.backend_ingest.guard import MAX_BODY_BYTES
from relay.backend_ingest.views import FOLDER, Door, WayOut, open_door

__all__ = ["FOLDER", "MAX_BODY_BYTES", "Door", "WayOut", "open_door"]
