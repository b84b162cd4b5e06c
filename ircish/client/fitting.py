"""Text cut so that each part fits a line of IRC."""

from __future__ import annotations

from collections.abc import Iterator


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
