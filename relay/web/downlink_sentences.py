"""What became of downlinks, in a sentence each; pages and the command line say the same."""

from collections.abc import Mapping
from gettext import GNUTranslations

from relay.domain.downlink_state import DownlinkState, InfoCode, NoDownlink
from relay.web.catalogue import phrase

_STATES: Mapping[DownlinkState, str] = {
    DownlinkState.PENDING: phrase("Waits until the device listens."),
    DownlinkState.SENT: phrase("Handed to Sigfox. Whether it was transmitted is not known yet."),
    DownlinkState.ACKNOWLEDGED: phrase("Transmitted by the network, not received by the device for certain."),
    DownlinkState.REFUSED: phrase("Not transmitted."),
    DownlinkState.EXPIRED: phrase("Given up: its time was over, or nothing was heard of it."),
    DownlinkState.CANCELLED: phrase("Taken out of the queue."),
}

_CODES: Mapping[InfoCode, str] = {
    InfoCode.ACKED: phrase("The network transmitted it. Whether the device received it nobody knows."),
    InfoCode.NO_ANSWER: phrase("Sigfox got no downlink from the relay in time."),
    InfoCode.INVALID_PAYLOAD: phrase("Sigfox says that the downlink was not 8 bytes."),
    InfoCode.OVERRUN_ERROR: phrase("The network had no room to transmit it."),
    InfoCode.NETWORK_ERROR: phrase("The network failed to transmit it."),
    InfoCode.PENDING: phrase("The network has not transmitted it yet."),
    InfoCode.NO_DOWNLINK_CONTRACT: phrase("The contract of the device allows no downlinks."),
    InfoCode.TOO_MANY_REQUESTS: phrase("The device has used up the downlinks of its contract for today."),
    InfoCode.INVALID_CONFIGURATION: phrase("Downlinks are set up wrongly in the Sigfox back-end."),
    InfoCode.ROAMING_PENDING: phrase("A foreign network has not transmitted it yet."),
}

_REASONS: Mapping[NoDownlink, str] = {
    NoDownlink.UNKNOWN_DEVICE: phrase("The device was not known to the relay."),
    NoDownlink.OFF: phrase("Downlinks are off."),
    NoDownlink.QUOTA: phrase("The device had got all downlinks of the day."),
    NoDownlink.NO_TEMPLATE: phrase("There was no template for a direct downlink."),
    NoDownlink.EMPTY_QUEUE: phrase("The queue was empty."),
    NoDownlink.NO_ENDPOINT: phrase("There was no active webhook to ask."),
    NoDownlink.ASK_BUSY: phrase("Too many servers were being asked at the same time."),
    NoDownlink.ASK_DELIVERED: phrase("Your server had got the message already."),
    NoDownlink.ASK_TIMEOUT: phrase("Your server did not answer in time."),
    NoDownlink.ASK_FAILED: phrase("Your server did not take the question."),
    NoDownlink.ASK_NO_DATA: phrase("Your server had nothing for this device."),
    NoDownlink.ASK_INVALID: phrase("Your server's answer holds no downlink of 16 hex digits."),
}


def state_sentence(words: GNUTranslations, state: DownlinkState) -> str:
    """Say in the language of `words` how a downlink stands."""
    return words.gettext(_STATES[state])


def code_sentence(words: GNUTranslations, info_code: int) -> str:
    """Say what an info code of Sigfox means."""
    try:
        return words.gettext(_CODES[InfoCode(info_code)])
    except ValueError:
        return words.gettext(phrase("Sigfox gave the code %(code)s, which nobody knows.")) % {
            "code": info_code
        }


def reason_sentence(words: GNUTranslations, reason: NoDownlink) -> str:
    """Say why there was no downlink, or none from one way of the chain."""
    return words.gettext(_REASONS[reason])
