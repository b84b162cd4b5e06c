"""From Rich to the terminal: styles and Text become Rows, as prompt_toolkit's fragments and as
escape sequences. It knows no Entries."""

from __future__ import annotations

import io
import zlib
from collections.abc import Iterable, Iterator, Mapping
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final, cast

from rich.color import Color, ColorSystem, ColorType
from rich.style import Style
from rich.text import Text

from ircish.client import formatting
from ircish.client.wrapping import cut, text_width, wrapped

if TYPE_CHECKING:
    from rich.console import Console

MOST_LOOKS: Final = 2_000
"""Styles whose translation is kept; others' colour codes can ask for any number."""

RESET: Final = "\x1b[0m"

ANSI: Final = tuple(
    f"ansi{name}"
    for name in (
        *("black", "red", "green", "yellow", "blue", "magenta", "cyan", "gray"),
        *("brightblack", "brightred", "brightgreen", "brightyellow"),
        *("brightblue", "brightmagenta", "brightcyan", "white"),
    )
)
"""prompt_toolkit's names of the terminal's colours 0 to 15."""

ATTRIBUTES: Final = ("bold", "italic", "underline", "blink", "reverse", "strike")
"""What both Rich and every prompt_toolkit that we run with know by the same name."""

COLOR_SYSTEMS: Final = {
    "standard": ColorSystem.STANDARD,
    "256": ColorSystem.EIGHT_BIT,
    "truecolor": ColorSystem.TRUECOLOR,
}

Piece = tuple[str, Style | None]


def color_system_of(environ: Mapping[str, str]) -> str:
    """How many colours the terminal has, told from the environment as Rich does."""
    if environ.get("COLORTERM", "").strip().lower() in ("truecolor", "24bit"):
        return "truecolor"
    _, _, ending = environ.get("TERM", "").strip().lower().rpartition("-")
    return "256" if ending in ("256color", "kitty") else "standard"


class Row:
    """One row of the screen. Never changed: the same object looks the same."""

    __slots__ = ("escape", "fragments")

    def __init__(self, fragments: tuple[tuple[str, str], ...], escape: str) -> None:
        """``fragments`` are (prompt_toolkit style, text), exactly as wide as was asked for;
        ``escape`` the same as escape sequences, ending in a reset."""
        self.fragments = fragments
        self.escape = escape

    @property
    def text(self) -> str:
        """What is to be read in it, filled with blanks."""
        return "".join(text for _, text in self.fragments)

    def __repr__(self) -> str:
        return f"Row({self.text!r})"


def poor_row(text: str, width: int) -> Row:
    """The beginning of a text, ASCII only: what is shown when all else fails."""
    safe = "".join(char if " " <= char <= "~" else "?" for char in text[:width]).ljust(width)
    return Row((("", safe),), safe + RESET)


class Styling:
    """Makes Rows for a terminal with so many colours; remembers what each style is there."""

    def __init__(self, color_system: str, no_color: bool) -> None:
        """``color_system`` is a key of COLOR_SYSTEMS; ``no_color`` keeps the attributes."""
        self._color_system = COLOR_SYSTEMS[color_system]
        self._no_color = no_color
        self._console = cast("Console", _Styles())
        self._looks: dict[Style | None, tuple[str, str]] = {}

    def words(self, style: Style) -> str:
        """A style in prompt_toolkit's words."""
        return self._look(style)[0]

    def wrapped(self, text: Text, width: int, indent: int, keep: int) -> list[Row]:
        """The rows of a text without control characters, later ones indented by so many columns.

        The first ``keep`` characters are not broken at blanks.
        """
        lines = wrapped(text.plain, width, width - indent, keep)
        pieces: list[Piece] = [(part.text, part.style) for part in text.render(self._console)]
        if len(lines) == 1:
            return [self._row(pieces, width)]
        rows: list[Row] = []
        rest = iter(pieces)
        piece, style = next(rest)
        here = 0  # where this piece starts in the text
        for start, end in lines:
            row: list[Piece] = [(" " * indent, None)] if rows and indent else []
            while True:
                part = piece[max(0, start - here) : max(0, end - here)]
                if part:
                    row.append((part, style))
                if here + len(piece) >= end:
                    break
                here += len(piece)
                piece, style = next(rest)
            rows.append(self._row(row, width))
        return rows

    def line(self, text: Text, width: int, fill: Style | None = None) -> Row:
        """One row of any text, cut with an ellipsis where it is too long; ``fill`` is under all of
        it."""
        if fill is not None:
            text = Text(text.plain, spans=text.spans, style=fill)
        pieces = [(part.text, part.style or fill) for part in text.render(self._console)]
        return self._cut(pieces, width, fill)

    def rendered(self, renderable: Any, width: int) -> list[Row]:
        """The rows of any Rich renderable, such as a plugin's."""
        console = _console(width)
        return [
            self._cut([(part.text, part.style) for part in line if not part.control], width)
            for line in console.render_lines(renderable, pad=False)
        ]

    def _cut(self, pieces: Iterable[Piece], width: int, fill: Style | None = None) -> Row:
        """A row of pieces of any content and length."""
        row = [(visible(text), style) for text, style in pieces]
        if row:
            row[0] = standing(row[0][0]), row[0][1]
        if sum(text_width(text) for text, _ in row) > width:
            row = list(_shortened(row, width - 1))
        return self._row(row, width, fill)

    def _row(self, pieces: Iterable[Piece], width: int, fill: Style | None = None) -> Row:
        """A row of pieces that are not wider than it."""
        fragments: list[tuple[str, str]] = []
        escape: list[str] = []
        used = 0
        for text, style in pieces:
            used += len(text) if text.isascii() else text_width(text)
            if style is not None and style.link:
                link = formatting.link(style.link)
                look, before = self._look(style.clear_meta_and_links())
            else:
                link = ""
                look, before = self._looks.get(style) or self._look(style)
            fragments.append((look, text))
            if link:  # the same id on every row: it stays one link, though wrapped
                escape.append(f"\x1b]8;id={zlib.crc32(link.encode()):x};{link}\x1b\\")
            escape.append(f"{before}{text}{RESET}" if before else text)
            if link:
                escape.append("\x1b]8;;\x1b\\")
        if used > width:  # a wide character in a single column
            return poor_row("", width)
        if used < width:
            blanks = " " * (width - used)
            look, before = self._looks.get(fill) or self._look(fill)
            fragments.append((look, blanks))
            escape += before, blanks
        escape.append(RESET)
        return Row(tuple(fragments), "".join(escape))

    def _look(self, style: Style | None) -> tuple[str, str]:
        """A style without a link in prompt_toolkit's words, and the sequence that turns it on."""
        found = self._looks.get(style)
        if found is not None:
            return found
        words, before = "", ""
        if style:
            # Rich keeps the first rendering in the object itself, whatever the terminal: a new one.
            fresh = Style(
                color=None if self._no_color else style.color,
                bgcolor=None if self._no_color else style.bgcolor,
                **{name: getattr(style, name) for name in ATTRIBUTES},
            )
            colors = [("", fresh.color), ("bg:", fresh.bgcolor)]
            switches = [(name, getattr(fresh, name)) for name in ATTRIBUTES]
            words = " ".join(
                [prefix + _color_name(color) for prefix, color in colors if color]
                + [name if on else f"no{name}" for name, on in switches if on is not None]
            )
            before = fresh.render("x", color_system=self._color_system).partition("x")[0]
        if len(self._looks) >= MOST_LOOKS:
            self._looks.clear()
        self._looks[style] = words, before
        return words, before


def _shortened(pieces: Iterable[Piece], width: int) -> Iterator[Piece]:
    """As much of too long a row as fits, and an ellipsis after it."""
    for text, style in pieces:
        part = cut(text, width)
        yield (part, style) if part == text else (part + "…", style)
        if part != text:
            return
        width -= text_width(part)


class _Styles:
    """What Text.render asks a console for; a whole one takes long to import."""

    def get_style(self, style: str | Style, default: Style) -> Style:
        return style if isinstance(style, Style) else default


def _color_name(color: Color) -> str:
    if color.type is ColorType.DEFAULT:
        return "ansidefault"
    if color.number is not None and color.number < len(ANSI):
        return ANSI[color.number]
    return color.get_truecolor().hex


def visible(text: str) -> str:
    """The text without control characters and formatting codes; a no-break space is a space, as
    prompt_toolkit shows it."""
    return formatting.plain(text).replace("\xa0", " ")


def standing(text: str) -> str:
    """The text without combining marks at its start: they would go on what is left of the row."""
    start = 0
    while start < len(text) and not text_width(text[start]):
        start += 1
    return text[start:]


@lru_cache(4)
def _console(width: int) -> Console:
    from rich.console import Console  # 25 ms

    return Console(
        file=io.StringIO(),
        force_terminal=True,
        color_system="truecolor",
        width=width,
        height=100,
        legacy_windows=False,
        markup=False,
        emoji=False,
        highlight=False,
        _environ={},
    )
