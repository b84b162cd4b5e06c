"""The row painter: the terminal shows the same with it and without it."""

from __future__ import annotations

import io
import random
import re
from collections.abc import Callable, Sequence
from typing import Any

import pyte
import pytest
from prompt_toolkit import renderer
from prompt_toolkit.application import Application, create_app_session
from prompt_toolkit.application.current import set_app
from prompt_toolkit.data_structures import Size
from prompt_toolkit.filters import Condition
from prompt_toolkit.input import DummyInput
from prompt_toolkit.layout import (
    ConditionalContainer,
    Dimension,
    Float,
    FloatContainer,
    FormattedTextControl,
    HSplit,
    Layout,
    VSplit,
)
from prompt_toolkit.layout import Window as Area
from prompt_toolkit.output import ColorDepth, DummyOutput
from prompt_toolkit.output.vt100 import Vt100_Output
from prompt_toolkit.utils import get_cwidth

from ircish.client.log import Entry, Log
from ircish.client.painting import DIFF, PARAMETERS, install
from ircish.client.pane import LogPane
from ircish.client.windows import Window

STYLES = {
    "": "",
    "ansired": "31",
    "bold": "1",
    "ansigreen bold": "32;1",
    "reverse": "7",
    "bg:ansiblue": "44",
    "underline": "4",
    "italic ansicyan": "36;3",
}
NARROW = ("hello", "e\u0301", "x", "naïve", "a-long-word-that-is-one", "")
WIDE = (*NARROW, "日本語", "한", "👍")


class Row:
    """What view makes of an entry, in small."""

    def __init__(self, pieces: Sequence[tuple[str, str]], width: int, link: str = "") -> None:
        fragments, left = [], width
        for style, text in pieces:
            kept = ""
            for char in text:
                if get_cwidth(char) > left:
                    break
                kept, left = kept + char, left - get_cwidth(char)
            fragments.append((style, kept))
        fragments.append(("", " " * left))
        self.fragments = tuple(fragments)
        text = "".join(
            f"\x1b[0;{STYLES[s]}m{t}" if STYLES[s] else f"\x1b[0m{t}" for s, t in fragments
        )
        self.escape = f"\x1b]8;id=1;{link}\x1b\\{text}\x1b]8;;\x1b\\\x1b[0m" if link else text
        self.escape += "\x1b[0m"


class Rows:
    """Entries as rows, the same objects each time."""

    def __init__(self, words: Sequence[str]) -> None:
        self._words = words
        self._cache: dict[tuple[Entry, int], list[Row]] = {}

    def __call__(self, window: Window, number: int, width: int) -> list[Row]:
        entry = window.log[number]
        if (entry, width) not in self._cache:
            rng = random.Random(entry.text)
            self._cache[entry, width] = [
                Row([(rng.choice([*STYLES]), rng.choice(self._words)) for _ in range(8)], width)
                for _ in range(rng.choice((0, 1, 1, 1, 1, 2, 5)))
            ]
        return self._cache[entry, width]


class Screen:
    """An application with a pane, painted when told, into pyte."""

    def __init__(self, painter: bool, nicks: bool = True, words: Sequence[str] = WIDE) -> None:
        self.size = Size(rows=12, columns=40)
        self.pyte = pyte.Screen(40, 12)
        self.stream = pyte.Stream(self.pyte)
        self.windows = [Window("channel", "#a", Log(200)), Window("channel", "#b", Log(200))]
        self.current = self.windows[0]
        self.floats = {"menu": False, "dialog": False}
        self.status, self.nicks = "status", "ann\nben"
        self.drawn = io.StringIO()
        self.output = Vt100_Output(
            self.drawn,
            lambda: self.size,
            term="xterm-256color",
            default_color_depth=ColorDepth.DEPTH_8_BIT,
            enable_cpr=False,
        )
        self.pane = LogPane(lambda: self.current, Rows(words))
        self.typed = ""
        prompt = Area(
            FormattedTextControl(
                lambda: [("", self.typed), ("[SetCursorPosition]", ""), ("", " ")], focusable=True
            ),
            height=Dimension.exact(1),
        )
        side = [
            Area(width=1, char="│"),
            Area(FormattedTextControl(lambda: self.nicks), width=Dimension.exact(8)),
        ]
        menu = Area(FormattedTextControl("one 日\ntwo\nthree"), style="bg:ansiblue")
        dialog = Area(FormattedTextControl("send?"), width=20, height=3, style="reverse")
        body = FloatContainer(
            HSplit(
                [
                    Area(FormattedTextControl("topic"), height=Dimension.exact(1), style="reverse"),
                    VSplit([self.pane, *side]) if nicks else self.pane,
                    Area(FormattedTextControl(lambda: self.status), height=Dimension.exact(1)),
                    prompt,
                ]
            ),
            [
                Float(self.when("menu", menu), xcursor=True, ycursor=True),
                Float(self.when("dialog", dialog)),
            ],
        )
        with create_app_session(input=DummyInput(), output=self.output):
            self.app: Application[Any] = Application(
                Layout(body, focused_element=prompt), full_screen=True
            )
        assert not painter or install(self.app, self.pane)

    def when(self, name: str, content: Area) -> ConditionalContainer:
        return ConditionalContainer(content, Condition(lambda: self.floats[name]))

    def paint(self) -> str:
        """Paint, and let the terminal show it; what went to the terminal."""
        with set_app(self.app):
            self.app.renderer.render(self.app, self.app.layout)
        written = self.drawn.getvalue()
        self.drawn.seek(0)
        self.drawn.truncate()
        # pyte takes the leading 0 of "0;..." well, and OSC 8 is nothing to it.
        self.stream.feed(written)
        return written

    def resize(self, columns: int, rows: int) -> None:
        self.size = Size(rows=rows, columns=columns)
        self.pyte.resize(rows, columns)

    def cells(self) -> list[list[Any]]:
        columns = range(self.pyte.columns)
        return [[self.pyte.buffer[y][x] for x in columns] for y in range(self.pyte.lines)]

    def text(self) -> list[str]:
        return ["".join(cell.data for cell in row) for row in self.cells()]


Step = Callable[[Screen], object]


def say(text: str) -> Step:
    entry = Entry(0, "message", text)
    return lambda screen: screen.current.log.append(entry)


def elsewhere(text: str) -> Step:
    entry = Entry(0, "message", text)
    return lambda screen: screen.windows[1].log.append(entry)


def replace(rng: random.Random) -> Step:
    """Another entry in the place of a recent one, as when an echo confirms it."""
    entry, back = Entry(0, "message", str(rng.random())), rng.randrange(1, 9)

    def step(screen: Screen) -> None:
        log = screen.current.log
        if len(log) >= back:
            log.replace(log.end - back, entry)

    return step


def older(rng: random.Random) -> Step:
    entries = [Entry(0, "message", str(rng.random())) for _ in range(5)]
    return lambda screen: screen.current.log.insert(screen.current.log.first, entries)


def switch(screen: Screen) -> None:
    screen.current = screen.windows[screen.current is screen.windows[0]]


def toggle(name: str) -> Step:
    return lambda screen: screen.floats.update({name: not screen.floats[name]})


def some_step(rng: random.Random, floats: bool = True) -> Step:
    """Anything that can happen between two paints."""
    number, text = rng.randrange(-15, 15), str(rng.random())
    columns, rows = rng.randrange(24, 60), rng.randrange(6, 20)
    steps: list[tuple[int, Step]] = [
        (12, say(text)),
        (3, elsewhere(text)),
        (6, lambda screen: screen.pane.scroll(number)),
        (1, lambda screen: screen.pane.bottom()),
        (1, lambda screen: screen.pane.home()),
        (1, lambda screen: screen.pane.to(number)),
        (2, replace(rng)),
        (1, older(rng)),
        (2, switch),
        (2 * floats, toggle("menu")),
        (2 * floats, toggle("dialog")),
        (1, lambda screen: screen.resize(columns, rows)),
        (3, lambda screen: setattr(screen, "status", text)),
        (1, lambda screen: setattr(screen, "nicks", f"日本\n{text}\nann")),
        (3, lambda screen: setattr(screen, "typed", screen.typed + "xy日")),
        (1, lambda screen: setattr(screen, "typed", "")),
        (1, lambda screen: screen.app.renderer.clear()),
        (1, lambda screen: screen.current.log.clear()),
    ]
    return rng.choices([step for _, step in steps], [weight for weight, _ in steps])[0]


def same(one: Screen, other: Screen) -> None:
    """The terminals show the same, and write on in the same way."""
    assert one.text() == other.text()
    assert one.cells() == other.cells()
    ours, theirs = one.pyte.cursor, other.pyte.cursor
    assert (ours.y, ours.x, ours.hidden) == (theirs.y, theirs.x, theirs.hidden)
    assert ours.attrs == theirs.attrs


@pytest.mark.parametrize("nicks", [True, False])
@pytest.mark.parametrize("seed", range(4))
def test_the_terminal_shows_the_same_with_the_painter_and_without(seed: int, nicks: bool) -> None:
    rng = random.Random(seed)
    # Half of a wide character under a float is wrong without the painter, so: one or the other.
    words = WIDE if seed % 2 else NARROW
    with_it, without = Screen(True, nicks, words), Screen(False, nicks, words)
    for _ in range(150):
        for _ in range(rng.choice((1, 1, 1, 3))):
            step = some_step(rng, floats=words is NARROW)
            step(with_it)
            step(without)
        with_it.paint()
        without.paint()
        same(with_it, without)


@pytest.mark.parametrize("nicks", [True, False])
@pytest.mark.parametrize("seed", range(4))
def test_what_was_painted_bit_by_bit_is_what_is_painted_afresh(seed: int, nicks: bool) -> None:
    rng = random.Random(seed)
    painted, afresh = Screen(True, nicks), Screen(True, nicks)
    for _ in range(150):
        for _ in range(rng.choice((1, 1, 1, 3))):
            step = some_step(rng)
            step(painted)
            step(afresh)
        painted.paint()
        afresh.app.renderer.clear()
        afresh.pyte.reset()
        afresh.paint()
        same(painted, afresh)


def test_a_wide_character_half_under_a_float_is_not_shown() -> None:
    screen = Screen(True)
    row = Row([("", "x" + "日" * 15)], 31)
    screen.pane._rows = lambda window, number, width: [row]
    for _ in range(9):
        screen.current.log.append(Entry(0, "message", ""))
    screen.floats["dialog"] = True
    screen.paint()
    covered = "x日日日日 " + "send?".ljust(20) + " │"
    assert next(line for line in screen.text() if "send" in line).startswith(covered)


class Linked:
    """Every entry is one row, a link."""

    def __init__(self) -> None:
        self._cache: dict[tuple[int, int], list[Row]] = {}

    def __call__(self, window: Window, number: int, width: int) -> list[Row]:
        row = [Row([("", f"line {number}")], width, f"http://{number}")]
        return self._cache.setdefault((number, width), row)


@pytest.fixture
def linked() -> Screen:
    screen = Screen(True)
    screen.pane._rows = Linked()
    for number in range(20):
        screen.current.log.append(Entry(0, "message", str(number)))
    return screen


def links(written: str) -> list[int]:
    return [int(number) for number in re.findall(r"http://([0-9]+)", written)]


def test_rows_are_written_whole_with_their_links_and_only_once(linked: Screen) -> None:
    assert sorted(links(linked.paint())) == list(range(11, 20))
    assert links(linked.paint()) == []
    linked.typed = "x"
    written = linked.paint()
    assert links(written) == []
    assert len(written) < 60


def test_links_are_back_after_a_resize_a_redraw_and_a_float(linked: Screen) -> None:
    linked.paint()
    linked.resize(50, 12)
    assert len(links(linked.paint())) == 9
    linked.app.renderer.clear()
    assert len(links(linked.paint())) == 9
    linked.floats["dialog"] = True
    assert links(linked.paint()) == []
    linked.floats["dialog"] = False
    assert len(links(linked.paint())) == 3


def test_a_new_line_moves_all_rows_and_touches_nothing_beside_them(linked: Screen) -> None:
    linked.paint()
    linked.current.log.append(Entry(0, "message", "20"))
    written = linked.paint()
    assert sorted(links(written)) == list(range(12, 21))
    assert "ann" not in written
    assert "│" not in written
    assert linked.text()[1].endswith("│ann     ")


def test_a_row_of_a_wrong_width_is_left_to_the_diff() -> None:
    screen = Screen(True)
    row = Row([("", "short")], 5, "http://1")
    screen.pane._rows = lambda window, number, width: [row]
    screen.current.log.append(Entry(0, "message", "x"))
    assert links(screen.paint()) == []
    assert screen.text()[9] == "short".ljust(31) + "│" + " " * 8


def test_prompt_toolkit_is_as_the_painter_knows_it() -> None:
    """Where this fails the client goes on without the painter: see PARAMETERS in painting.py."""
    code = getattr(renderer, DIFF).__code__
    assert code.co_varnames[: code.co_argcount + code.co_kwonlyargcount] == PARAMETERS
    assert DIFF in renderer.Renderer.render.__code__.co_names
    assert install(Screen(False).app, Screen(False).pane)


def test_the_painter_is_of_one_application_only() -> None:
    Screen(True)
    assert "render" not in vars(Screen(False).app.renderer)


def another_diff(app: object, output: object, screen: object) -> None:
    """What a later prompt_toolkit might have."""


@pytest.mark.parametrize("diff", [another_diff, None, print])
def test_another_prompt_toolkit_paints_without_the_painter(
    diff: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    screen = Screen(False)
    monkeypatch.setattr(renderer, DIFF, diff)
    assert not install(screen.app, screen.pane)
    monkeypatch.undo()
    screen.paint()
    assert screen.text()[0].startswith("topic")


def test_an_output_without_escape_sequences_paints_without_the_painter() -> None:
    with create_app_session(input=DummyInput(), output=DummyOutput()):
        app: Application[Any] = Application()
    assert not install(app, Screen(False).pane)
