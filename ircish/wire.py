"""The line grammar of IRC and its limits: bytes to Messages and back, no socket, no thread.

Lines end in LF, with or without CR before it. What a line means is not decided here.
"""

from __future__ import annotations

import enum
import re
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import accumulate
from types import MappingProxyType

MAX_LINE = 512
"""Bytes of a line without its tags, CR LF included (RFC 2812 §2.3)."""

MAX_TAGS = 8191
"""Bytes of the tags of a line, from the ``@`` to the space after them (IRCv3 message-tags)."""

MAX_CLIENT_TAGS = 4096
"""Bytes of the tags that a client may send, counted likewise (IRCv3 message-tags)."""

LIST_BYTES = 400
"""Bytes of a list in one line: what is before it has room."""

NO_TAGS: Mapping[str, str] = MappingProxyType({})

_TELNET = re.compile(rb"\xff(?:[\xfb-\xfe].|\xfa.*?(?:\xff\xf0|\Z)|.|\Z)", re.DOTALL)
"""Telnet's IAC commands (RFC 854); 0xFF is not in UTF-8, so no text is lost with them. A
subnegotiation without an end takes the rest, or each of many would be looked through to the end."""


class Fault(enum.Enum):
    """Why a received line cannot be a Message."""

    TOO_LONG = "too long"
    TAGS_TOO_LONG = "more tags than a client may send"
    NOT_UTF8 = "not UTF-8"
    CONTROL = "a NUL or CR inside"


@dataclass(frozen=True, slots=True)
class Message:
    """One line: ``@tags :source VERB params``.

    ``rest`` is what followed the verb, exactly as it came: people at netcat do not write IRC's
    colons, so their commands are read from it. ``typed`` is the whole line.
    """

    verb: str
    params: tuple[str, ...] = ()
    tags: Mapping[str, str] = field(default_factory=lambda: NO_TAGS)
    source: str = ""
    rest: str = field(default="", compare=False)
    typed: str = field(default="", compare=False)


class LineBuffer:
    """Bytes as they come off a connection, cut into lines.

    Holds at most one unfinished line (``MAX_TAGS + most`` bytes): of a longer one the rest is
    discarded up to its end, so that it never comes out as two.
    """

    __slots__ = ("_discarding", "_most", "_partial")

    def __init__(self, most: int = MAX_LINE) -> None:
        """``most`` bytes of a line are taken, its tags not counted."""
        self._most = most
        self._partial = b""
        self._discarding = False

    def feed(self, data: bytes) -> list[bytes | Fault]:
        """The lines that ``data`` completes, without their ends and without empty ones.

        ``Fault.TOO_LONG`` stands in the place of a line that is too long.
        """
        if self._partial:
            data = self._partial + data
        lines: list[bytes | Fault] = []
        pieces = data.split(b"\n")
        self._partial = pieces.pop()
        for piece in pieces:
            if self._discarding:
                self._discarding = False
            elif len(piece) >= self._most and self._too_long(piece + b"\n"):
                lines.append(Fault.TOO_LONG)
            elif piece and piece != b"\r":
                lines.append(piece[:-1] if piece[-1] == 0x0D else piece)
        if self._discarding:
            self._partial = b""
        elif len(self._partial) >= self._most and self._too_long(self._partial):
            lines.append(Fault.TOO_LONG)
            self._partial = b""
            self._discarding = True
        return lines

    def end(self) -> list[bytes | Fault]:
        """The last line, where the other side closed without ending it."""
        return self.feed(b"\n")

    def _too_long(self, line: bytes) -> bool:
        if line[:1] != b"@":
            return len(line) > self._most
        tags = line.find(b" ") + 1
        if not tags:
            return len(line) > MAX_TAGS
        return tags > MAX_TAGS or len(line) - tags > self._most


def decode(line: bytes) -> str | Fault:
    """The text of a line, telnet's negotiation removed, or why it has none."""
    if b"\xff" in line:
        line = _TELNET.sub(b"", line)
    if b"\0" in line or b"\r" in line:
        return Fault.CONTROL
    try:
        return line.decode()
    except UnicodeDecodeError:
        return Fault.NOT_UTF8


def parse(line: str) -> Message | None:
    """The Message that a line holds, its verb in capitals; None where there is no verb.

    RFC 1459 §2.3.1 as Modern IRC reads it: any number of parameters, of spaces between them, and
    the last one may be any text after `` :``.
    """
    tags, source = NO_TAGS, ""
    typed = line = line.lstrip(" ")
    if line[:1] == "@":
        head, _, line = line[1:].partition(" ")
        tags = parse_tags(head)
        line = line.lstrip(" ")
    if line[:1] == ":":
        source, _, line = line[1:].partition(" ")
        line = line.lstrip(" ")
    verb, _, rest = line.partition(" ")
    if not verb:
        return None
    middle, colon, trailing = line.partition(" :")
    params = [word for word in middle.split(" ") if word]
    if colon:
        params.append(trailing)
    return Message(verb.upper(), tuple(params[1:]), tags, source, rest, typed)


def format(message: Message) -> bytes:
    """The line for a message, CR LF included; ``parse`` gives the message back.

    Raises ValueError for what has no line: a CR, LF or NUL anywhere, an empty verb, a parameter
    before the last one that is empty, starts with a colon or has a space.
    """
    *middle, last = message.params or ("",)
    if any(not word or word[0] == ":" or " " in word for word in (message.verb, *middle)):
        raise ValueError(f"{message!r} has a word that cannot stand alone")
    if message.verb[0] == "@":
        raise ValueError(f"{message.verb!r} is not a verb")
    if " " in message.source:
        raise ValueError(f"{message.source!r} is not a source")
    words = [f":{message.source}"] if message.source else []
    words += [message.verb, *middle]
    if message.params:
        plain = last and last[0] != ":" and " " not in last
        words.append(last if plain else f":{last}")
    tags = f"@{format_tags(message.tags)} " if message.tags else ""
    return encode(tags + " ".join(words))


def encode(line: str) -> bytes:
    """The bytes of one line. Raises ValueError where a CR, LF or NUL would make it two."""
    if not one_line(line):
        raise ValueError(f"{line!r} is not one line")
    return line.encode() + b"\r\n"


def one_line(text: str) -> bool:
    """Whether a text can stand in a line: it has no CR, LF or NUL."""
    return "\n" not in text and "\r" not in text and "\0" not in text


_ESCAPES = {";": "\\:", " ": "\\s", "\\": "\\\\", "\r": "\\r", "\n": "\\n"}
_ESCAPE = str.maketrans(_ESCAPES)
_UNESCAPES = {escape[1]: char for char, escape in _ESCAPES.items()}
_UNESCAPE = re.compile(r"\\(.?)", re.DOTALL)


def parse_tags(text: str) -> Mapping[str, str]:
    """``a=b;c`` as a mapping, values unescaped; the last of equal keys counts (message-tags)."""
    tags: dict[str, str] = {}
    for item in text.split(";"):
        key, _, value = item.partition("=")
        if key:
            if "\\" in value:
                value = _UNESCAPE.sub(lambda m: _UNESCAPES.get(m[1], m[1]), value)
            tags[key] = value
    return tags


def format_tags(tags: Mapping[str, str]) -> str:
    """A mapping as ``a=b;c``. Raises ValueError for a key that cannot be one."""
    for key in tags:
        if not key or any(char in key for char in "; =\r\n\0"):
            raise ValueError(f"{key!r} is not a tag's name")
    return ";".join(
        f"{key}={value.translate(_ESCAPE)}" if value else key for key, value in tags.items()
    )


def packed(words: Iterable[str], separator: str = " ", most: int = LIST_BYTES) -> Iterator[str]:
    """The words in as few lines as they need, each of ``most`` bytes at the most; at least one,
    which may be empty."""
    every = list(words)
    text = separator.join(every)
    if len(text) * 4 <= most or len(text.encode()) <= most:
        yield text
        return
    sizes = map(len, every if text.isascii() else [word.encode() for word in every])
    ends = list(accumulate(size + len(separator) for size in sizes))
    start = before = 0
    while True:
        stop = max(start + 1, bisect_right(ends, before + most + len(separator)))
        yield separator.join(every[start:stop])
        if stop >= len(every):
            return
        start, before = stop, ends[stop - 1]
