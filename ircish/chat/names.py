"""Nicknames and channel names: which are valid, and when two are the same."""

from __future__ import annotations

import functools
import re
import unicodedata

from ircish.text import printable

CASEMAPPING = "ascii"

_NICK = re.compile(r"[A-Za-z\[\]\\`_^{|}][A-Za-z0-9\[\]\\`_^{|}-]*", re.ASCII)
"""RFC 2812 §2.3.1."""

_INVISIBLE = re.compile(
    "[\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180f\u2800\u3164\ufe00-\ufe0f\uffa0"
    "\U000e0100-\U000e01ef]"
)
"""Characters that Python calls printable though they show nothing."""

_ASCII_SMALL = {upper: upper + 32 for upper in range(ord("A"), ord("Z") + 1)}


@functools.lru_cache(8192)
def fold(name: str) -> str:
    """A name as it is compared: ASCII letters small."""
    return name.lower() if name.isascii() else name.translate(_ASCII_SMALL)


def valid_nick(nick: str, longest: int) -> bool:
    """Whether a nick has only the field's characters and at most ``longest`` of them."""
    return len(nick) <= longest and _NICK.fullmatch(nick) is not None


def valid_channel(name: str, longest: int) -> bool:
    """Whether a name is ``#`` and printable text without spaces and commas, ``longest`` in all.

    What shows nothing, and what could be written in a shorter way (é as e and an accent), would
    make two channels of names that look the same.
    """
    return (
        name[:1] == "#"
        and 1 < len(name) <= longest
        and " " not in name
        and "," not in name
        and name.isprintable()
        and printable(name) == name
        and not _INVISIBLE.search(name)
        and unicodedata.is_normalized("NFC", name)
    )
