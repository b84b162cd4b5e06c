"""IRC's formatting codes and URLs: where they are in a text and what they ask for, not how it looks
in a terminal.

https://modern.ircdocs.horse/formatting
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from urllib.parse import quote

from ircish.text import UNSAFE, printable

MOST_LINK = 2000
"""Characters of a URL that is still a link: terminals stop at 2,083 (VTE)."""

_CODE = re.compile(
    r"[\x02\x0f\x11\x16\x1d-\x1f]"
    r"|\x03(?:([0-9]{1,2})(?:,([0-9]{1,2}))?)?"
    r"|\x04(?:([0-9A-Fa-f]{6})(?:,([0-9A-Fa-f]{6}))?)?"
)

_TOGGLES = {
    "\x02": "bold",
    "\x1d": "italic",
    "\x1f": "underline",
    "\x1e": "strike",
    "\x16": "reverse",
    "\x11": "monospace",
}

_URL = re.compile(
    r"(?<!\w)(?:(?:https?|ftp|ircs?)://|mailto:(?=[^\s@]{1,64}@))"
    r"[^\s<>\"\\\xa0\u2000-\u200a\u3000-\u3002\u3008-\u3011\uff01\uff08\uff09\uff0c\uff1f]+",
    re.ASCII | re.IGNORECASE,
)
"""Blanks and CJK's punctuation, which no space follows, end it too, and a backslash, which
browsers take for a slash."""
_LINK = re.compile(r"(?:(?:https?|ftp|ircs?)://|mailto:).", re.ASCII | re.IGNORECASE)
_CLOSING = {")": "(", "]": "[", "}": "{"}
_URL_SAFE = "!#$%&'()*+,/:;=?@[]~"
"""What `quote` shall leave as it is, beside letters, digits and ``_.-``."""


@dataclass(frozen=True, slots=True)
class Format:
    """How a stretch of text is to look."""

    bold: bool = False
    italic: bool = False
    underline: bool = False
    strike: bool = False
    reverse: bool = False
    monospace: bool = False
    fg: int | str | None = None
    """0 to 98 of IRC's table, or "rrggbb"; None is the reader's own"""
    bg: int | str | None = None


PLAIN = Format()


def spans(text: str) -> tuple[str, list[tuple[int, int, Format]]]:
    """The text without codes, and what is formatted in it: start, end, how.

    A tab becomes a space; what else could steer a terminal is left out too.
    """
    if text.isprintable():  # no control character, so no code; nor a surrogate or a separator
        return text, []
    parts: list[str] = []
    found: list[tuple[int, int, Format]] = []
    now, length, done = PLAIN, 0, 0
    for match in _CODE.finditer(text):
        part = _safe(text[done : match.start()])
        if part:
            if now is not PLAIN:
                found.append((length, length + len(part), now))
            parts.append(part)
            length += len(part)
        done = match.end()
        now = _after(now, match)
    part = _safe(text[done:])
    if part and now is not PLAIN:
        found.append((length, length + len(part), now))
    parts.append(part)
    return "".join(parts), found


def _after(now: Format, match: re.Match[str]) -> Format:
    """The format after one code; PLAIN itself where nothing is left of it."""
    code = match[0][0]
    if code == "\x0f":
        return PLAIN
    if code in _TOGGLES:
        name = _TOGGLES[code]
        then = replace(now, **{name: not getattr(now, name)})
    else:
        fg, bg = (match[1], match[2]) if code == "\x03" else (match[3], match[4])
        then = replace(now, fg=_color(fg), bg=now.bg if fg and not bg else _color(bg))
    return PLAIN if then == PLAIN else then


def _color(digits: str | None) -> int | str | None:
    """Of the table, or hex as it is; 99 is the reader's own."""
    if digits is None or len(digits) == 6:
        return digits
    return None if int(digits) == 99 else int(digits)


def _safe(text: str) -> str:
    return UNSAFE.sub("", text.replace("\t", " "))


def plain(text: str) -> str:
    """The text without formatting codes, and without what could steer a terminal."""
    return spans(text)[0]


def name(text: str) -> str:
    """A nick or a channel as it is shown: nothing formats it."""
    return text if text.isprintable() else printable(text)


def urls(text: str) -> Iterator[tuple[int, int]]:
    """Where the URLs of a text without codes are: start, end.

    What ends the sentence is not theirs, nor a bracket that was opened before them.
    """
    if ":" not in text:
        return
    for match in _URL.finditer(text):
        start, end = match.span()
        surplus = {
            closing: text.count(closing, start, end) - text.count(opening, start, end)
            for closing, opening in _CLOSING.items()
        }
        while (last := text[end - 1]) in ".,;:!?'\"`" or surplus.get(last, 0) > 0:
            end -= 1
            if last in surplus:
                surplus[last] -= 1
        if _LINK.match(text, start, end):
            yield start, end


def addresses(texts: Iterable[str]) -> list[str]:
    """Every URL of some texts once, in their order; of one text, the last comes first."""
    found: dict[str, None] = {}
    for text in map(plain, texts):
        here = [text[start:end] for start, end in urls(text)]
        found.update(dict.fromkeys(reversed(here)))
    return list(found)


def link(url: str) -> str:
    """The URL as a terminal may be given it: ASCII only. "" where it had better be no link."""
    if len(url) > MOST_LINK or not _LINK.match(url) or UNSAFE.search(url):
        return ""
    quoted = quote(url, safe=_URL_SAFE)
    return quoted if len(quoted) <= MOST_LINK else ""
