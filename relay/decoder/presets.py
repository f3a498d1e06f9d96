"""Grammars of devices that are sold with the service: HARDWARIO (before: BigClown) kits.

The layouts are facts of the vendor's open firmware and its own decoders (GitHub, MIT licence):

- climate-monitor: blavka/twr-sigfox-climate-monitor, src/application.c and decode.py
- co2-monitor: blavka/bcf-sigfox-co2-monitor, decode.py (a23df60: big-endian, temperature in 1/32 °C);
  co2-monitor-old: the same before (131c37d and app/application.c: little-endian, temperature in 1/2 °C)
- motion-detector: hubpav/bcf-sigfox-motion-detector, decode.py (8254daf) and app/sigfox.c (bdb5c48);
  motion-detector-old: the same before (decode.py cb2dbe4, app/sigfox.c af183c2)
- pulse-counter: hubpav/twr-sigfox-pulse-counter, src/application.c (5ed17dc);
  pulse-counter-old: the same before (app/application.c 2468eea)
- pir-counter: hubpav/twr-sigfox-pir-counter, src/application.c and decode.py
- push-button: blavka/bcf-sigfox-push-button, app/application.c
- gps-tracker: kybermonty/bcf-sigfox-gps-tracker, app/application.c and callback-server/index.js
"""

from collections.abc import Mapping
from dataclasses import dataclass

PREFIX = "preset:"


@dataclass(frozen=True, slots=True, kw_only=True)
class Preset:
    """A grammar with a name; `example` is a payload that it reads."""

    name: str
    description: str
    grammar: str
    example: str


_ALL = (
    Preset(
        name="climate-monitor",
        description="HARDWARIO Sigfox Climate Monitor",
        grammar=(
            "boot:0:bool:7"
            " temperature:1:int:16:little-endian:scale=0.5:unit=°C:if=0.0"
            " humidity:3:uint:8:scale=0.5:unit=%:if=0.1"
            " illuminance:4:uint:16:little-endian:scale=2:unit=lx:if=0.2"
            " pressure:6:uint:16:little-endian:scale=2:unit=Pa:if=0.3"
        ),
        example="0f090072150048be",
    ),
    Preset(
        name="co2-monitor",
        description="HARDWARIO Sigfox CO2 Monitor",
        grammar=(
            "temperature:1:int:16:scale=0.03125:unit=°C:if=0.0"
            " humidity:3:uint:8:scale=0.5:unit=%:if=0.1"
            " pressure:4:uint:16:scale=2:unit=Pa:if=0.2"
            " co2:6:uint:16:unit=ppm:if=0.3"
            " co2_median:8:uint:16:unit=ppm:if=0.4"
            " co2_raw:10:uint:16:unit=ppm:if=0.5"
        ),
        example="3f037037c1b003e003e003e0",
    ),
    Preset(
        name="co2-monitor-old",
        description="HARDWARIO Sigfox CO2 Monitor with older firmware (little-endian)",
        grammar=(
            "temperature:1:int:16:little-endian:scale=0.5:unit=°C:if=0.0"
            " humidity:3:uint:8:scale=0.5:unit=%:if=0.1"
            " pressure:4:uint:16:little-endian:scale=2:unit=Pa:if=0.2"
            " co2:6:uint:16:little-endian:unit=ppm:if=0.3"
            " co2_median:8:uint:16:little-endian:unit=ppm:if=0.4"
            " co2_raw:10:uint:16:little-endian:unit=ppm:if=0.5"
        ),
        example="3d130000f6c09a0198019401",
    ),
    Preset(
        name="motion-detector",
        description="HARDWARIO Sigfox Motion Detector",
        grammar=(
            "kind:0:uint:4:words=boot,beacon,motion,temperature"
            " orientation:0:uint:4::3"
            " voltage:1:uint:4:scale=0.25:offset=2:unit=V"
            " temperature:2:uint:8:scale=0.5:offset=-28:unit=°C:none=0xff"
            " count:3:uint:16:if=kind=0,1,2"
            " temperature_alert:3:uint:8:scale=0.5:offset=-28:unit=°C:none=0xff:if=kind=3"
            " temperature_previous:4:uint:8:scale=0.5:offset=-28:unit=°C:none=0xff:if=kind=3"
            " humidity:5:uint:8:scale=0.5:unit=%:if=here"
            " illuminance:6:uint:16:scale=2:unit=lx:if=here"
            " pressure:8:uint:16:scale=2:unit=Pa:if=here"
        ),
        example="21e06b0001650003c1c8",
    ),
    Preset(
        name="motion-detector-old",
        description="HARDWARIO Sigfox Motion Detector with older firmware (3 or 5 bytes)",
        grammar=(
            "kind:0:uint:4:words=boot,beacon,motion,temperature"
            " orientation:0:uint:4::3"
            " voltage:1:uint:4:scale=0.125:offset=1.8:unit=V"
            " temperature:2:uint:8:scale=0.5:offset=-28:unit=°C:none=0xff"
            " count:3:uint:16:if=kind=2"
            " temperature_alert:3:uint:8:scale=0.5:offset=-28:unit=°C:none=0xff:if=kind=3"
            " temperature_previous:4:uint:8:scale=0.5:offset=-28:unit=°C:none=0xff:if=kind=3"
        ),
        example="3350667262",
    ),
    Preset(
        name="pulse-counter",
        description="HARDWARIO Sigfox Pulse Counter",
        grammar=(
            "error:0:bool:7"
            " overflow_a:1:uint:4 overflow_b:1:uint:4::3"
            " count_a:2:uint:32:little-endian count_b:6:uint:32:little-endian"
            " voltage:10:uint:16:little-endian:scale=0.001:unit=V"
        ),
        example="00122a00000000010000b80b",
    ),
    Preset(
        name="pulse-counter-old",
        description="HARDWARIO Sigfox Pulse Counter with older firmware (a byte before each count)",
        grammar=(
            "overflow_a:0:uint:8 count_a:1:uint:32:little-endian"
            " overflow_b:5:uint:8 count_b:6:uint:32:little-endian"
            " voltage:10:uint:16:little-endian:scale=0.001:unit=V"
        ),
        example="012a0000000200010000b80b",
    ),
    Preset(
        name="pir-counter",
        description="HARDWARIO Sigfox PIR Counter",
        grammar=(
            "voltage:0:uint:8:scale=0.1:unit=V:none=0xff"
            " temperature:1:int:16:scale=0.1:unit=°C:none=0x7fff"
            " count:3:uint:16"
        ),
        example="1effce0005",
    ),
    Preset(
        name="push-button",
        description="HARDWARIO Sigfox Push Button",
        grammar="kind:0:uint:8:words=boot,press count:1:uint:16:if=kind=1",
        example="01012c",
    ),
    Preset(
        name="gps-tracker",
        description="GPS tracker on HARDWARIO modules (kybermonty)",
        grammar=(
            "lat:0:int:32:little-endian:scale=0.000001:unit=°"
            " lng:4:int:32:little-endian:scale=0.000001:unit=°"
        ),
        example="d88bfc0248b6dc00",
    ),
)

PRESETS: Mapping[str, Preset] = {preset.name: preset for preset in _ALL}
