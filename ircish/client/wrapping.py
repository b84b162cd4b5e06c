"""Columns: how many a text takes, and where it breaks into rows. It knows no colours."""

from __future__ import annotations

from functools import lru_cache

from wcwidth import wcwidth

_JOINER = "\u200d"


@lru_cache(4096)
def char_width(char: str) -> int:
    """Columns of one character, 0 to 2: exactly what prompt_toolkit's get_cwidth says."""
    return max(0, wcwidth(char))


def text_width(text: str) -> int:
    """Columns of a text without control characters, each character for itself."""
    return len(text) if text.isascii() else sum(map(char_width, text))


def cut(text: str, width: int) -> str:
    """As much of a text as fits into ``width`` columns."""
    if text.isascii():
        return text[:width]
    for index, char in enumerate(text):
        width -= char_width(char)
        if width < 0:
            return text[:index]
    return text


def wrapped(text: str, first: int, rest: int, keep: int = 0) -> list[tuple[int, int]]:
    """Where the rows of a text start and end, ``first`` columns in the first row, then ``rest``.

    It breaks at blanks, which are left out, and beside wide characters; a word that is longer than
    a row is cut. The first ``keep`` characters are not broken at blanks.
    """
    if text.isascii():
        if len(text) <= first:
            return [(0, len(text))]
        return _ascii_rows(text, first, rest, keep)
    widths = list(map(char_width, text))
    if sum(widths) <= first:
        return [(0, len(text))]
    return _wide_rows(text, widths, first, rest, keep)


def _ascii_rows(text: str, first: int, rest: int, keep: int) -> list[tuple[int, int]]:
    rows: list[tuple[int, int]] = []
    start, room, size = 0, max(1, first), len(text)
    while size - start > room:
        blank = text.rfind(" ", max(start, keep), start + room + 1)
        if blank > start:
            end = start + len(text[start:blank].rstrip(" "))
            if end <= start:  # blanks alone
                end = blank
        else:
            end = blank = start + room
        rows.append((start, end))
        start, room = blank, max(1, rest)
        while start < size and text[start] == " ":
            start += 1
    if start < size or not rows:
        rows.append((start, size))
    return rows


def _wide_rows(
    text: str, widths: list[int], first: int, rest: int, keep: int
) -> list[tuple[int, int]]:
    rows: list[tuple[int, int]] = []
    start, room, used, index, size = 0, max(1, first), 0, 0, len(text)
    end = then = 0  # the last place to break at: where this row ends and the next begins
    while index < size:
        width = widths[index]
        if index >= keep and index > start:
            if text[index] == " ":
                if text[index - 1] != " " or end == 0:
                    end = index
                then = index + 1
            elif (
                width and 2 in (width, widths[index - 1]) and text[index - 1] not in (" ", _JOINER)
            ):
                end = then = index
        if used + width > room and index > start:
            if end <= start:
                end = then = index
            while then < size and text[then] == " ":
                then += 1
            if then < size and not widths[then]:  # it needs something to stand on
                then -= 1
            rows.append((start, end))
            start = index = then
            room, used, end = max(1, rest), 0, 0
            continue
        used += width
        index += 1
    if start < size or not rows:
        rows.append((start, size))
    return rows
