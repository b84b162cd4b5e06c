"""Text of other people made fit to be shown: one place, before any terminal sees it."""

from __future__ import annotations

import re
import unicodedata

_FORMATTING = r"\x03(?:[0-9]{1,2}(?:,[0-9]{1,2})?)?|\x04(?:[0-9A-Fa-f]{6})?"
"""mIRC's colours; the other formatting codes are single control characters."""

_UNPRINTABLE = (
    "\x00-\x1f\x7f-\x9f"  # C0, DEL, C1
    "\u061c\u200e\u200f\u2028-\u202e\u2066-\u206f"  # line separators, bidi controls
    "\u00ad\u180e\u200b\u2060-\u2065\ufeff\ufff9-\ufffb\U000e0000-\U000e007f"  # invisible
    "\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180d\u180f\u3164\uffa0\U000e0100-\U000e01ef"
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


_UNWANTED = re.compile(f"(?![\x02-\x04\x0f\x11\x16\x1d-\x1f])[{_UNPRINTABLE}]")
"""All of ``UNSAFE`` but IRC's formatting codes: bold, colour, hex colour, reset, monospace,
reverse, italic, strike, underline."""

_CTCP = "\x01"

MOST_MARKS = 4
"""Combining marks that one character keeps: Vietnamese, Hebrew and Thai need no more."""

_MARKS = ("Mn", "Me")

_STACK = re.compile(rf"(?:{_FORMATTING}|[\x02\x0f\x11\x16\x1d-\x1f]|[^\x00-\x7f\w\s]){{5,}}")
"""Where there may be too many marks: at least 5 in a row that are neither letters nor ASCII;
formatting codes between them show nothing, and so do not count."""

_TOKEN = re.compile(f"{_FORMATTING}|.", re.DOTALL)


def cleaned(text: str) -> str:
    """Text from outside as it may be kept: as ``printable`` leaves it, but with IRC's formatting
    codes, which are to become styles before a terminal sees it.

    A tab is a space, CTCP's U+0001 stays at the ends, and a character has ``MOST_MARKS`` combining
    marks at the most. Cleaning it again changes nothing.
    """
    if text.isascii() and text.isprintable():
        return text
    if text[0] == _CTCP:
        end = _CTCP if len(text) > 1 and text[-1] == _CTCP else ""
        return _CTCP + cleaned(text[1 : len(text) - len(end)].replace(_CTCP, "")) + end
    text = _UNWANTED.sub("", text.replace("\t", " "))
    return _STACK.sub(_unstacked, _LONE_JOINER.sub("", text))


def _unstacked(stack: re.Match[str]) -> str:
    """What follows the last mark that a character may have goes, up to the next character."""
    kept, marks = [], 0
    for token in _TOKEN.findall(stack[0]):
        mark = unicodedata.category(token[0]) in _MARKS
        if not mark and token[0] > "\x1f" and token not in _JOINERS:
            marks = 0
        elif marks >= MOST_MARKS:
            continue
        marks += mark
        kept.append(token)
    return "".join(kept)


def shortened(text: str, most: int) -> str:
    """The text, at most ``most`` characters of it; an ellipsis stands for the rest."""
    return text if len(text) <= most else text[: most - 1].rstrip() + "…"
