"""Text bodies: whatever form of "name, sign, value" the operator typed at Sigfox."""

import re

WHOLE_TEXT = "text"

_BLANKS = re.compile(r"[ \t]+")
# device => 1A2B3C   device:1A2B3C; data:0a   device=1A2B3C|data=0a   "device": "1A2B3C"   customData#a = 1
_NAME = re.compile(r"""(?:\A|[;,&|\s])["']?([A-Za-z][A-Za-z0-9_#]{0,63}+)["']? ?(?:=>|[=:]) ?""")
_AROUND_VALUES = " ;,&|\r\n\"'"


def read_free_text(text: str) -> list[tuple[str, str]]:
    """Read pairs from free text: a value lasts until the next name, so it may be of several lines.

    Text without any name comes back whole under the name `text`.
    """
    text = _BLANKS.sub(" ", text.strip())
    names = list(_NAME.finditer(text))
    if not names:
        return [(WHOLE_TEXT, text)]
    ends = [name.start() for name in names[1:]] + [len(text)]
    return [
        (name[1], text[name.end() : end].strip(_AROUND_VALUES)) for name, end in zip(names, ends, strict=True)
    ]
