"""Masks: ``*`` stands for any text, ``?`` for any one character. Case is the caller's affair."""

from __future__ import annotations


def matches(mask: str, text: str) -> bool:
    """Whether ``mask`` fits the whole of ``text``.

    Each piece between stars is looked for once, from where the one before ended: a mask that
    somebody made up takes at most its length times the text's, never more.
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
    places = range(start, end - len(piece) + 1)
    return next((where for where in places if _at(piece, text, where)), None)
