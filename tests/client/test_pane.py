"""The log pane: what is visible, and how it scrolls."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from prompt_toolkit.data_structures import Point
from prompt_toolkit.layout.mouse_handlers import MouseHandlers
from prompt_toolkit.layout.screen import Screen, WritePosition
from prompt_toolkit.mouse_events import MouseButton, MouseEvent, MouseEventType

from ircish.client.log import Entry, Log
from ircish.client.pane import LogPane
from ircish.client.windows import Window, Windows

HEIGHT = 6


class Row:
    escape = ""

    def __init__(self, text: str) -> None:
        self.fragments = (("", text),)


class Pane:
    """A pane of 10x6 on a window whose entries are shown as their text, ``/`` between rows.

    ``""`` is hidden. A row is cut to the width, a ``+`` in it is a row more when narrow.
    """

    def __init__(self, most: int = 100_000) -> None:
        self.windows = Windows(str.lower, most)
        self.window = self.windows.current
        self.asked: list[int] = []
        self.cache: dict[tuple[Entry, int], list[Row]] = {}
        self.topped: list[Window] = []
        self.width, self.height = 10, HEIGHT
        self.mouse = False
        self.pane = LogPane(
            lambda: self.window, self.rows, self.topped.append, mouse=lambda: self.mouse
        )
        self.handlers = MouseHandlers()

    def rows(self, window: Window, number: int, width: int) -> list[Row]:
        self.asked.append(number)
        entry = window.log[number]
        if (entry, width) not in self.cache:
            text = entry.text if width >= 10 else entry.text.replace("+", "/")
            parts = text.split("/") if text else []
            self.cache[entry, width] = [Row(part.ljust(width)) for part in parts]
        return self.cache[entry, width]

    def add(self, *texts: str) -> None:
        for text in texts:
            self.windows.add(self.window, Entry(0, "message", text))

    def shown(self) -> list[str]:
        """The rows on the screen, painted now."""
        screen, self.handlers = Screen(), MouseHandlers()
        position = WritePosition(2, 1, self.width, self.height)
        self.pane.write_to_screen(screen, self.handlers, position, "", False, None)
        columns = range(2, 2 + self.width)
        lines = range(1, 1 + self.height)
        return ["".join(screen.data_buffer[y][x].char for x in columns).rstrip() for y in lines]

    def texts(self) -> str:
        return " ".join(self.shown())


@pytest.fixture
def pane() -> Pane:
    return Pane()


def numbers(first: int, last: int) -> str:
    return " ".join(map(str, range(first, last + 1)))


@pytest.fixture
def full() -> Pane:
    """A hundred entries of one row, 0 to 99, painted once."""
    pane = Pane()
    pane.add(*map(str, range(100)))
    assert pane.texts() == numbers(94, 99)
    return pane


def test_the_newest_is_at_the_bottom_and_above_it_is_nothing(pane: Pane) -> None:
    assert pane.shown() == [""] * HEIGHT
    pane.add("one", "two/three")
    assert pane.shown() == ["", "", "", "one", "two", "three"]


def test_an_entry_higher_than_the_pane_shows_its_last_rows(pane: Pane) -> None:
    pane.add("0/1/2/3/4/5/6/7")
    assert pane.texts() == numbers(2, 7)
    pane.pane.scroll(-1)
    assert pane.texts() == numbers(1, 6)
    pane.pane.home()
    assert pane.texts() == numbers(0, 5)


def test_hidden_entries_take_no_row(pane: Pane) -> None:
    pane.add("0", "", "1", "", "", "2")
    assert pane.shown() == ["", "", "", "0", "1", "2"]


@pytest.mark.parametrize("many", [1_000, 100_000])
def test_only_what_is_visible_is_asked_for(many: int) -> None:
    pane = Pane()
    pane.add(*map(str, range(many)))
    acts: list[Callable[[], object]] = [
        lambda: None,
        lambda: pane.pane.scroll(-3),
        lambda: pane.pane.page(-1),
        lambda: pane.pane.scroll(1),
        pane.pane.home,
        lambda: pane.pane.to(many // 2),
        pane.pane.bottom,
    ]
    for act in acts:
        pane.asked.clear()
        act()
        pane.shown()
        assert len(pane.asked) <= 6 * HEIGHT


def test_a_row_that_is_still_shown_keeps_its_cells(full: Pane) -> None:
    before = dict(full.pane.painted)
    full.add("100")
    full.shown()
    for y in range(1, HEIGHT):
        assert full.pane.painted[y].cells is before[y + 1].cells
    full.width = 12
    full.shown()
    assert len(full.pane.painted[1].cells) == 12


def test_scrolling_goes_by_rows(full: Pane) -> None:
    full.pane.scroll(-3)
    assert full.texts() == numbers(91, 96)
    full.pane.scroll(2)
    assert full.texts() == numbers(93, 98)
    full.pane.page(-1)
    assert full.texts() == numbers(88, 93)
    full.pane.page(-2)
    assert full.texts() == numbers(78, 83)
    full.pane.page(1)
    assert full.texts() == numbers(83, 88)


def test_scrolling_goes_through_entries_of_several_rows_and_hidden_ones(pane: Pane) -> None:
    pane.add("0/1/2", "", "3/4/5/6", "7", "", "8/9/10", "")
    assert pane.texts() == numbers(5, 10)
    for last in range(9, 4, -1):
        pane.pane.scroll(-1)
        assert pane.texts() == numbers(last - 5, last)
    for last in range(6, 11):
        pane.pane.scroll(1)
        assert pane.texts() == numbers(last - 5, last)
    assert pane.window.anchor is None


def test_the_view_stays_while_scrolled_up_whatever_comes(full: Pane) -> None:
    full.pane.scroll(-10)
    before = full.texts()
    full.add(*map(str, range(100, 150)))
    full.window.log.insert(
        full.window.log.first, [Entry(0, "message", "older") for _ in range(500)]
    )
    full.window.log.replace(full.window.log.end - 1, Entry(0, "message", "a/b/c"))
    assert full.texts() == before
    assert full.window.below == 50


def test_scrolled_to_the_end_it_follows_again(full: Pane) -> None:
    full.pane.scroll(-10)
    full.add("100")
    full.pane.scroll(10)
    assert (full.texts(), full.window.anchor, full.window.below) == (numbers(94, 99), 99, 1)
    full.pane.scroll(1)
    assert (full.window.anchor, full.window.below) == (None, 0)
    full.add("101")
    assert full.texts() == numbers(96, 101)
    full.pane.scroll(-10)
    full.pane.bottom()
    assert full.texts() == numbers(96, 101)


def test_a_log_that_fits_does_not_scroll_and_asks_for_more(pane: Pane) -> None:
    pane.add("0", "1")
    pane.pane.page(-1)
    pane.add("2")
    assert pane.shown() == ["", "", "", "0", "1", "2"]
    assert (pane.window.anchor, pane.topped) == (None, [pane.window])


def test_only_reaching_the_top_asks_for_more(full: Pane) -> None:
    full.pane.scroll(-93)
    assert (full.texts(), full.topped) == (numbers(1, 6), [])
    full.pane.scroll(-1)
    assert (full.texts(), full.topped) == (numbers(0, 5), [full.window])
    full.pane.page(-1)
    assert (full.texts(), len(full.topped)) == (numbers(0, 5), 2)
    full.window.log.insert(full.window.log.first, [Entry(0, "message", "older")])
    assert full.texts() == numbers(0, 5)
    full.pane.scroll(-1)
    assert full.texts() == "older " + numbers(0, 4)


def test_home_shows_the_oldest_and_asks_for_more(full: Pane) -> None:
    full.pane.home()
    assert (full.texts(), full.topped) == (numbers(0, 5), [full.window])


def test_an_empty_window_can_be_scrolled(pane: Pane) -> None:
    pane.pane.scroll(-1)
    pane.pane.scroll(1)
    pane.pane.home()
    pane.pane.to(5)
    assert pane.shown() == [""] * HEIGHT


@pytest.mark.parametrize(
    ("number", "first"), [(50, 48), (0, 0), (1, 0), (2, 0), (3, 1), (97, 94), (99, 94), (-7, 0)]
)
def test_an_entry_is_shown_at_a_third_or_where_it_can_be(
    full: Pane, number: int, first: int
) -> None:
    full.pane.to(number)
    assert full.texts() == numbers(first, first + 5)


def test_what_was_trimmed_is_replaced_by_the_oldest_there_is() -> None:
    pane = Pane(most=100)
    pane.add(*map(str, range(100)))
    pane.shown()
    pane.pane.scroll(-90)
    assert pane.texts() == numbers(4, 9)
    pane.add(*map(str, range(100, 106)))
    assert pane.window.log.first == 6
    assert pane.texts() == numbers(6, 11)
    pane.add(*map(str, range(106, 300)))
    first = pane.window.log.first
    assert pane.texts() == numbers(first, first + 5)
    pane.pane.scroll(1)
    assert pane.texts() == numbers(first + 1, first + 6)


def test_a_log_cleared_while_scrolled_up_is_empty_and_follows(full: Pane) -> None:
    full.pane.scroll(-10)
    full.window.log.clear()
    assert full.shown() == [""] * HEIGHT
    full.add("new")
    assert full.shown()[-1] == "new"
    assert full.window.anchor is None


def test_all_of_it_visible_follows(full: Pane) -> None:
    full.pane.home()
    full.height = 200
    full.shown()
    assert full.window.anchor is None


def test_a_resize_keeps_the_anchor_in_view(pane: Pane) -> None:
    pane.add(*(f"{n}a+{n}b" for n in range(50)))
    pane.width = 9
    pane.shown()
    pane.pane.scroll(-21)
    assert pane.shown()[-1] == "39a"
    pane.width = 12
    assert pane.shown()[-1] == "39a+39b"
    pane.width, pane.height = 9, 3
    assert "39a" in pane.shown()
    pane.height = 20
    assert "39a" in pane.shown()


def test_each_window_has_its_own_place(full: Pane) -> None:
    full.pane.scroll(-10)
    other = Window("channel", "#other", Log())
    first, full.window = full.window, other
    full.add("hello")
    assert full.shown()[-1] == "hello"
    full.window = first
    assert full.texts() == numbers(84, 89)


@pytest.mark.parametrize("size", [(1, 1), (0, 5), (5, 0), (0, 0), (3, 1)])
def test_a_pane_may_be_tiny(full: Pane, size: tuple[int, int]) -> None:
    full.width, full.height = size
    full.shown()
    full.pane.page(-1)
    full.pane.scroll(3)
    full.pane.to(5)
    full.pane.home()
    full.shown()
    full.width, full.height = 10, HEIGHT
    full.pane.bottom()
    assert full.texts() == numbers(94, 99)


def wheel(pane: Pane, kind: MouseEventType) -> object:
    event = MouseEvent(Point(5, 3), kind, MouseButton.NONE, frozenset())
    return pane.handlers.mouse_handlers[3][5](event)


def test_the_wheel_scrolls_three_rows_where_the_mouse_is_on(full: Pane) -> None:
    assert wheel(full, MouseEventType.SCROLL_UP) is NotImplemented
    full.mouse = True
    full.shown()
    assert wheel(full, MouseEventType.SCROLL_UP) is None
    assert full.texts() == numbers(91, 96)
    wheel(full, MouseEventType.SCROLL_DOWN)
    assert full.texts() == numbers(94, 99)
    assert wheel(full, MouseEventType.MOUSE_MOVE) is NotImplemented


def test_cells_are_as_wide_as_their_characters_and_never_leave_the_pane(pane: Pane) -> None:
    pane.add("日本e\u0301x", "日本語日本語", "a日本語日本", "\u0301a\x1bb")
    assert pane.shown()[2:] == ["日本e\u0301x", "日本語日本", "a日本語日", "a^[b"]
    cells = [painted.cells for painted in pane.pane.painted.values()]
    assert all(list(row) == list(range(2, 12)) for row in cells)
    assert [painted.exact for painted in pane.pane.painted.values()] == [False, False, False, False]
