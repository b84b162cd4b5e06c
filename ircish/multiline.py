"""Messages of several lines (IRCv3 multiline): collected from the lines in which a client sends
one, cut into those in which IRC clients are sent it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from ircish import phrases, replies
from ircish.chat.names import fold
from ircish.errors import Refused


class Draft:
    """A message whose lines come in, between BATCH + and BATCH -. A fault in it, and all of it is
    void: what still comes is ignored."""

    def __init__(
        self,
        reference: str,
        target: str,
        tags: Mapping[str, str],
        label: str,
        *,
        most: int,
        size: int,
        until: float,
    ) -> None:
        """At most ``most`` lines, of ``size`` bytes with the line feeds between them; complete
        ``until`` a monotonic time. ``tags`` are passed on, ``label`` is that of the answer."""
        self.reference = reference
        self.target = target
        self.tags = tags
        self.label = label
        self.verb = ""
        """PRIVMSG or NOTICE, as its first line says"""
        self.void = False
        self._most = most
        self._size = size
        self._until = until
        self._lines: list[tuple[str, bool]] = []
        """each with whether it goes on with the one before"""
        self._bytes = -1  # there is no line feed before the first

    def add(self, verb: str, target: str, text: str, *, joined: bool) -> None:
        """One more line. Raises Refused."""
        if not self._lines:
            self.verb = verb
        if verb not in ("PRIVMSG", "NOTICE") or verb != self.verb:
            raise Refused(replies.BAD_BATCH, wrong=phrases.MIXED_LINES)
        if fold(target) != fold(self.target):
            raise Refused(replies.OTHER_TARGET, target=self.target, other=target)
        if joined and not (text and self._lines):
            raise Refused(replies.BAD_BATCH, wrong=phrases.NOTHING_TO_JOIN)
        if len(self._lines) == self._most:
            raise Refused(replies.TOO_MANY_LINES, most=self._most)
        self._bytes += len(text.encode()) + (not joined)
        if self._bytes > self._size:
            raise Refused(replies.TOO_MANY_BYTES, most=self._size)
        self._lines.append((text, joined))

    def check(self, reference: str, now: float) -> None:
        """Raises Refused where a line is of another batch, or comes too late."""
        if reference != self.reference:
            raise Refused(replies.BAD_BATCH, wrong=phrases.NO_SUCH_BATCH)
        if now > self._until:
            raise Refused(replies.BATCH_TOO_LATE, reference=self.reference)

    def whole(self) -> tuple[str, tuple[int, ...]]:
        """The text, and where it was cut within its lines, in characters. Raises Refused."""
        text, breaks = "", []
        for number, (line, joined) in enumerate(self._lines):
            if joined:
                breaks.append(len(text))
            elif number:
                text += "\n"
            text += line
        if not text.strip("\n"):  # one blank line too, which the chat would not take for several
            raise Refused(replies.BAD_BATCH, wrong=phrases.ONLY_BLANK)
        return text, tuple(breaks)


class Piece(NamedTuple):
    """A text that fits a line."""

    text: str
    joined: bool
    """whether it goes on with the line of the piece before (draft/multiline-concat)"""


def pieces(text: str, breaks: Sequence[int], room: int) -> Iterator[Piece]:
    """Cut a text at its line feeds, its lines at ``breaks`` (in characters from the beginning), and
    what is longer than ``room`` bytes then behind a space, or where it must."""
    start, places = 0, iter((*breaks, len(text) + 1))
    place = next(places)
    for line in text.split("\n"):
        end, joined = start + len(line), False
        while start < end or not joined:
            while place <= start:
                place = next(places)
            part = _head(text[start : min(end, place)], room)
            yield Piece(part, joined)
            start += len(part)
            joined = True
        start = end + 1


def _head(text: str, room: int) -> str:
    """As much of a text as fits, up to a space where there is one."""
    if len(text) * 4 <= room:
        return text
    data = text.encode()
    if len(data) <= room:
        return text
    head = data[: max(room, 4)].decode(errors="ignore")
    return head[: head.rfind(" ") + 1] or head
