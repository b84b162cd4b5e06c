"""Text of other people made fit to be shown: one place, before any terminal sees it."""

from __future__ import annotations

import re

_FORMATTING = r"\x03(?:[0-9]{1,2}(?:,[0-9]{1,2})?)?|\x04(?:[0-9A-Fa-f]{6})?"
"""mIRC's colours; the other formatting codes are single control characters."""

_UNPRINTABLE = (
    "\x00-\x1f\x7f-\x9f"  # C0, DEL, C1
    "\u061c\u200e\u200f\u2028-\u202e\u2066-\u206f"  # line separators, bidi controls
    "\u00ad\u180e\u200b\u2060-\u2065\ufeff\ufff9-\ufffb\U000e0000-\U000e007f"  # invisible
    "\ud800-\udfff"  # surrogates, which no stream can encode
)
UNSAFE = re.compile(f"[{_UNPRINTABLE}]")
"""A character that could steer a terminal or hide what a text says.

U+200C and U+200D, which Persian and emoji need, do not count.
"""

_JOINERS = "\u200c\u200d"
_LETTER = "[^\x00-\x40\x5b-\x60\x7b-\xbf\u2000-\u206f\u3000-\u3003]"
"""Roughly: a letter of any script or an emoji, and no joiner."""

_HOSTILE = re.compile(f"{_FORMATTING}|[{_UNPRINTABLE}]")
_LONE_JOINER = re.compile(f"(?<!{_LETTER})[{_JOINERS}]|[{_JOINERS}](?!{_LETTER})")
_SUSPECT = re.compile(f"[{_UNPRINTABLE}{_JOINERS}]")


def printable(text: str) -> str:
    """The text without anything that could steer a terminal or hide what it says.

    C0, C1 and DEL, bidirectional controls, zero-width and tag characters and IRC's formatting
    codes are removed; ZWJ and ZWNJ stay between letters or emoji, where scripts need them.
    """
    if not _SUSPECT.search(text):
        return text
    return _LONE_JOINER.sub("", _HOSTILE.sub("", text))


def shortened(text: str, most: int) -> str:
    """The text, at most ``most`` characters of it; an ellipsis stands for the rest."""
    return text if len(text) <= most else text[: most - 1].rstrip() + "…"
