"""Masks: ``*`` stands for any text, ``?`` for any one character. Case is the caller's affair."""

from __future__ import annotations

import functools
from collections.abc import Mapping


def matches(mask: str, text: str) -> bool:
    """Whether ``mask`` fits the whole of ``text``.

    Each piece between stars is looked for once, from where the one before ended, and none is tried
    twice at a place: a mask that somebody made up takes no longer than another.
    """
    first, *pieces = mask.split("*")
    if not pieces:
        return len(mask) == len(text) and _at(mask, text, 0)
    *pieces, last = pieces
    start, end = len(first), len(text) - len(last)
    if start > end or not (_at(first, text, 0) and _at(last, text, end)):
        return False
    for piece in pieces:
        found = _find(piece, text, start, end)
        if found is None:
            return False
        start = found + len(piece)
    return True


def _at(piece: str, text: str, where: int) -> bool:
    """Whether a piece without stars stands in ``text`` at ``where``, which leaves it room."""
    return all(a in ("?", b) for a, b in zip(piece, text[where : where + len(piece)], strict=True))


def _find(piece: str, text: str, start: int, end: int) -> int | None:
    """Where a piece first stands within ``text[start:end]``."""
    if "?" not in piece:
        found = text.find(piece, start, end)
        return found if found >= 0 else None
    if not piece.strip("?"):
        return start if start + len(piece) <= end else None
    # bit n of ``begun``: the piece's first n + 1 characters stand before ``where`` (Shift-And)
    anything, wants = _wanted(piece)
    begun = 0
    for where in range(start, end):
        begun = (begun << 1 | 1) & wants.get(text[where], anything)
        if begun >> len(piece) - 1:
            return where + 1 - len(piece)
    return None


@functools.lru_cache(1024)
def _wanted(piece: str) -> tuple[int, Mapping[str, int]]:
    """At which places of a piece any character may stand, a bit for each; and at which each of its
    own may."""
    anything = sum(1 << n for n, wanted in enumerate(piece) if wanted == "?")
    wants: dict[str, int] = {}
    for n, wanted in enumerate(piece):
        wants[wanted] = wants.get(wanted, anything) | 1 << n
    return anything, wants
