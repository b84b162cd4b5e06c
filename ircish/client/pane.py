"""The log on the screen: a prompt_toolkit container that asks for the rows that are visible, paints
them and scrolls. How an entry looks is view's."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Sequence
from functools import lru_cache
from itertools import islice
from typing import TYPE_CHECKING, Final, NamedTuple, Protocol

from prompt_toolkit.layout import AnyDimension, Container, Dimension
from prompt_toolkit.layout.dimension import to_dimension
from prompt_toolkit.layout.mouse_handlers import MouseHandlers
from prompt_toolkit.layout.screen import Char, Screen, WritePosition
from prompt_toolkit.mouse_events import MouseEvent, MouseEventType

from ircish.client.windows import Window

if TYPE_CHECKING:
    from prompt_toolkit.key_binding.key_bindings import NotImplementedOrNone

WHEEL: Final = 3  # rows, as in other terminal programs
ALL: Final = sys.maxsize  # more rows than any entry has


class Row(Protocol):
    """One row of the screen; never changed, so that the same object looks the same."""

    @property
    def fragments(self) -> tuple[tuple[str, str], ...]:
        """(prompt_toolkit style, text), together exactly as wide as the pane."""

    @property
    def escape(self) -> str:
        """The same as one escape sequence string that ends with a reset."""


class Place(NamedTuple):
    """A row of the log, as the bottom of a view."""

    number: int
    """the entry"""
    hidden: int
    """rows of it below this one"""
    row: Row


class Painted(NamedTuple):
    """A row as the screen got it."""

    row: Row
    cells: dict[int, Char]
    """by column of the screen"""
    exact: bool
    """The row filled the pane as it came; it was neither cut nor padded."""


cell = lru_cache(maxsize=10_000)(Char)


def painted(row: Row, left: int, width: int) -> Painted:
    """The cells of a row from column ``left``, exactly ``width`` of them."""
    cells: dict[int, Char] = {}
    x, right, before = left, left + width, left
    fits = True
    for style, text in row.fragments:
        for char in text:
            this = cell(char, style)
            if not this.width:  # combining: part of the character before it
                if before in cells:
                    cells[before] = cell(cells[before].char + char, cells[before].style)
                else:
                    fits = False
                continue
            if x + this.width > right:
                fits = False
                break
            cells[x] = this
            for covered in range(x + 1, x + this.width):
                cells[covered] = cell("", "")
            before, x = x, x + this.width
    exact = fits and x == right
    for rest in range(x, right):
        cells[rest] = cell(" ", "")
    return Painted(row, cells, exact)


class LogPane(Container):
    """Shows the log of a window, the newest at the bottom.

    A view is the bottom row's place (``Window.anchor`` and ``hidden``); all else is found by
    walking up from it, so that the length of the log costs nothing.
    """

    def __init__(
        self,
        window: Callable[[], Window],
        rows: Callable[[Window, int, int], Sequence[Row]],
        on_top: Callable[[Window], object] = lambda window: None,
        *,
        width: AnyDimension = None,
        height: AnyDimension = None,
        mouse: Callable[[], bool] = lambda: False,
    ) -> None:
        """``rows(window, number, width)`` are those of an entry, none where it is hidden.

        ``on_top`` is told when somebody scrolls up to the oldest. ``width`` and ``height`` are
        best exact: what is not, prompt_toolkit grows column by column at every paint.
        """
        self._window = window
        self._rows = rows
        self._on_top = on_top
        self._dimensions = width, height
        self._mouse = mouse
        self._left, self._width, self._height = 0, 80, 24  # until painted
        self.screen: Screen | None = None
        """What was painted last, with ``painted`` on it."""
        self.painted: dict[int, Painted] = {}
        """By row of the screen."""

    # What is visible

    def _up(self, window: Window, number: int, hidden: int) -> Iterator[Place]:
        """The rows from a place upwards, that one first."""
        while number >= window.log.first:
            rows = self._rows(window, number, self._width)
            for below in range(hidden, len(rows)):
                yield Place(number, below, rows[-1 - below])
            number, hidden = number - 1, 0

    def _down(self, window: Window, number: int, hidden: int) -> Iterator[Place]:
        """The rows below a place; with ``ALL`` hidden the entry's own rows, too."""
        if not hidden:
            number, hidden = number + 1, ALL
        while number < window.log.end:
            rows = self._rows(window, number, self._width)
            for below in reversed(range(min(hidden, len(rows)))):
                yield Place(number, below, rows[-1 - below])
            number, hidden = number + 1, ALL

    def _bottom(self, window: Window) -> tuple[int, int]:
        """The anchor, or what is next to it where it was trimmed or has fewer rows now."""
        last = window.log.end - 1
        if window.anchor is None or window.anchor > last:
            return last, 0
        if window.anchor < window.log.first:
            return min(window.log.first, last), 0
        rows = self._rows(window, window.anchor, self._width) if window.hidden else ()
        return window.anchor, max(0, min(window.hidden, len(rows) - 1))

    def _visible(self, window: Window) -> list[Place]:
        """What the view shows, from its bottom up."""
        number, hidden = self._bottom(window)
        shown = list(islice(self._up(window, number, hidden), self._height))
        room = self._height - len(shown)
        if room and window.anchor is not None:  # nothing older: what is below moves up
            more = list(islice(self._down(window, number, hidden), room + 1))
            if len(more) <= room:
                window.follow()
            shown = more[:room][::-1] + shown
        return shown

    # Scrolling

    def scroll(self, rows: int) -> None:
        """Move the view down, or up for less than 0; to follow what comes where that is the end."""
        window = self._window()
        shown = self._visible(window)
        if rows > 0 and shown:
            found = list(islice(self._down(window, *shown[0][:2]), rows + 1))
            self._put(window, found, rows)
        elif rows < 0:
            wanted = self._height - rows
            above = list(islice(self._up(window, *shown[0][:2]), wanted + 1)) if shown else []
            moved = min(-rows, len(above) - self._height)
            if moved > 0:
                window.anchor, window.hidden, _ = above[moved]
            if len(above) <= wanted:
                self._on_top(window)

    def page(self, pages: int) -> None:
        """Scroll by whole views, less a row to find the place again; up for less than 0."""
        self.scroll(pages * max(1, self._height - 1))

    def home(self) -> None:
        """Show the oldest."""
        window = self._window()
        self._show_from(window, window.log.first, self._height)
        self._on_top(window)

    def bottom(self) -> None:
        """Show the newest, and what comes."""
        self._window().follow()

    def to(self, number: int) -> None:
        """Show an entry at a third of the height, or where it can be; the oldest for a lost one."""
        window = self._window()
        third = self._height // 3
        self._show_from(window, max(number, window.log.first), self._height - third)

    def _show_from(self, window: Window, number: int, rows: int) -> None:
        """Let the view end ``rows`` below the top of an entry."""
        self._put(window, list(islice(self._down(window, number, ALL), rows + 1)), rows)

    def _put(self, window: Window, found: list[Place], rows: int) -> None:
        """Let the view end with the last of these ``rows``; there is one more, or it is the end."""
        if len(found) <= rows:
            window.follow()
        else:
            window.anchor, window.hidden, _ = found[rows - 1]

    def _clicked(self, event: MouseEvent) -> NotImplementedOrNone:
        if event.event_type is MouseEventType.SCROLL_UP:
            self.scroll(-WHEEL)
        elif event.event_type is MouseEventType.SCROLL_DOWN:
            self.scroll(WHEEL)
        else:
            return NotImplemented
        return None

    # What prompt_toolkit asks of a container

    def write_to_screen(
        self,
        screen: Screen,
        mouse_handlers: MouseHandlers,
        write_position: WritePosition,
        parent_style: str,
        erase_bg: bool,
        z_index: int | None,
    ) -> None:
        """Paint the visible rows; rows without a line stay empty."""
        at = write_position
        before = {}
        if (self._left, self._width) == (at.xpos, at.width):
            before = {id(each.row): each for each in self.painted.values()}
        self._left, self._width, self._height = at.xpos, at.width, at.height
        self.screen, self.painted = screen, {}
        screen.width = max(screen.width, at.xpos + at.width)
        screen.height = max(screen.height, at.ypos + at.height)
        if not at.width or not at.height:
            return
        y = at.ypos + at.height
        for _, _, row in self._visible(self._window()):
            y -= 1
            self.painted[y] = before.get(id(row)) or painted(row, at.xpos, at.width)
            screen.data_buffer[y].update(self.painted[y].cells)
        if self._mouse():
            handlers = dict.fromkeys(range(at.xpos, at.xpos + at.width), self._clicked)
            for y in range(at.ypos, at.ypos + at.height):
                mouse_handlers.mouse_handlers[y].update(handlers)

    def preferred_width(self, max_available_width: int) -> Dimension:
        """As told, else whatever is left."""
        return to_dimension(self._dimensions[0])

    def preferred_height(self, width: int, max_available_height: int) -> Dimension:
        """As told, else whatever is left."""
        return to_dimension(self._dimensions[1])

    def reset(self) -> None:
        """Nothing: where a window is scrolled to is the window's."""

    def get_children(self) -> list[Container]:
        """None."""
        return []
