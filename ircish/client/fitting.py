"""What a server takes: texts cut to the length of a line, nicks that nobody has yet; CTCP."""

from __future__ import annotations

from collections.abc import Iterator

SHORT_NICK = 9
"""Characters of a nick that every server takes (RFC 2812 §1.2.1)."""


def split(text: str, most: int) -> Iterator[str]:
    """The text in parts of at most ``most`` bytes of UTF-8, or 4 where that is less; cut between
    words where that is possible. Nothing is lost: joined, they are the text."""
    most = max(most, 4)
    while len(data := text.encode()) > most:
        part = data[:most].decode(errors="ignore")
        if space := part.rfind(" ") + 1:
            part = part[:space]
        yield part
        text = text[len(part) :]
    yield text


def variations(nick: str) -> Iterator[str]:
    """Nicks to try where one is taken: ann_, ann2, ann3, ..., then short ones."""
    yield f"{nick}_"
    for base in (nick, nick[: SHORT_NICK - 2]):
        yield from (f"{base}{number}" for number in range(2, 10))


def ctcp(text: str) -> tuple[str, str] | None:
    """Command and argument where a text is a CTCP message: ``\\x01ACTION waves\\x01``."""
    if text[:1] != "\x01":
        return None
    command, _, argument = text[1:].removesuffix("\x01").partition(" ")
    return (command.upper(), argument) if command else None
