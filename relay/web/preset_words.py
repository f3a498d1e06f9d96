"""Descriptions of presets that are more than a name, for the catalogues: the decoder knows no language."""

from relay.web.catalogue import phrase

PRESET_WORDS = (
    phrase("HARDWARIO Sigfox CO2 Monitor with older firmware (little-endian)"),
    phrase("HARDWARIO Sigfox Motion Detector with older firmware (3 or 5 bytes)"),
    phrase("HARDWARIO Sigfox Pulse Counter with older firmware (a byte before each count)"),
    phrase("GPS tracker on HARDWARIO modules (kybermonty)"),
)
