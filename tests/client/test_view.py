"""Entries as rows: what is in them, how it looks, and that nothing else ever is."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import fields, replace
from datetime import datetime
from itertools import pairwise
from types import SimpleNamespace
from typing import Any

import pyte
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from prompt_toolkit.styles import Style as PromptStyle
from prompt_toolkit.styles import default_ui_style, merge_styles
from prompt_toolkit.utils import get_cwidth
from rich.console import Console
from rich.panel import Panel
from rich.style import Style
from rich.table import Table
from rich.text import Text

from ircish.client.formatting import addresses
from ircish.client.log import FAILED, MENTION, OWN, PAST, PENDING, Entry, Log
from ircish.client.plugins import Part, Plugins
from ircish.client.styling import ATTRIBUTES, MOST_LOOKS, Row, color_system_of
from ircish.client.themes import THEMES, nick_style
from ircish.client.view import MOST_CACHED, View
from ircish.client.windows import Window
from ircish.text import UNSAFE

NOON = int(datetime(2026, 11, 22, 12, 34, 56).timestamp() * 1000)  # local, as it is shown
DAY = 86_400_000
COLORFUL = {"TERM": "xterm-256color"}

HOSTILE = [
    *(chr(n) for n in (*range(32), *range(0x7F, 0xA0))),
    *"\u00ad\u061c\u180e\u200b\u200c\u200d\u200e\u2028\u202e\u2060\u2066\ufeff\ufff9\U000e0041\ud800",
    *("\x1b[2J", "\x1b]52;c;aGk=\x07", "\x1b[1;1H", "\x9b31m", "\x1b]8;;https://evil\x1b\\"),
    *("\x02", "\x03", "\x0304,12", "\x04ff8000", "\x16", "\x0f", "\xa0", "\t", "  ", "-"),
    *(
        "https://x/",
        "https://x/\x1b]8;;",
        "a" * 30,
        "日本語",
        "e\u0301\u0302",
        "\u0301",
        "👩\u200d🚀",
    ),
]
nasty = st.lists(
    st.one_of(st.sampled_from(HOSTILE), st.text(max_size=4), st.sampled_from("ab c")), max_size=30
).map("".join)
NOISE = ["crowd", "nick", "mode"]
KINDS = [*NOISE, "message", "action", "notice", "kick", "topic", "info", "error"]
entries = st.builds(
    Entry,
    time=st.one_of(st.just(NOON), st.integers(-(10**20), 10**20)),
    kind=st.sampled_from(KINDS),
    text=nasty,
    nick=st.one_of(st.just("ann"), nasty),
    mark=st.sampled_from(["", "@", "+", "\x1b"]),
    flags=st.integers(0, 63),
    where=st.one_of(st.just(""), nasty),
)


def composed(cell: str) -> str:
    """A cell as pyte keeps it: composed, and without what only joins."""
    base, rest = cell[:1], [char for char in cell[1:] if unicodedata.combining(char)]
    return unicodedata.normalize("NFC", base + "".join(rest))


def looks(**changed: Any) -> Any:
    return SimpleNamespace(
        **{"theme": "dark", "time_format": "%H:%M", "nick_colors": True} | changed
    )


def view_of(environ: dict[str, str] = COLORFUL, **changed: Any) -> View:
    return View(looks(**changed), environ)


def said(text: str, nick: str = "ann", flags: int = 0, **more: Any) -> Entry:
    return Entry(
        **{"time": NOON, "kind": "message", "text": text, "nick": nick, "flags": flags} | more
    )


def window_of(*entries: Entry) -> Window:
    window = Window("channel", "#dev", Log())
    for entry in entries:
        window.log.append(entry)
    return window


def own_rows(view: View, entry: Entry, width: int = 80) -> list[Row]:
    """The rows of an entry without its day line."""
    window = window_of(replace(entry, text="", kind="info"), entry)
    return view.rows(window, 1, width)


def texts(rows: list[Row]) -> list[str]:
    return [row.text.rstrip() for row in rows]


def shown(view: View, entry: Entry, width: int = 80) -> list[str]:
    return texts(own_rows(view, entry, width))


def style_of(row: Row, text: str) -> str:
    """The style of the fragment that is this text, apart from blanks."""
    [style] = {style for style, part in row.fragments if part.strip() == text}
    return style


def on_screen(escape: str, columns: int) -> list[Any]:
    """The cells of a terminal's second row after it got that, its others being untouched."""
    screen = pyte.Screen(columns + 3, 3)
    # pyte 0.8 forgets the rest of a text after a ZWJ.
    kept = [c for c in escape if c < " " or get_cwidth(c) or unicodedata.combining(c)]
    pyte.Stream(screen).feed(f"\x1b[2;1H{''.join(kept)}|")
    others = "".join(screen.display[0] + screen.display[2]).strip()
    assert others == ""
    row = screen.buffer[1]
    assert row[columns].data == "|"
    assert row[columns] == pyte.screens.Char("|")  # reset before
    return [row[column] for column in range(columns)]


def cells(row: Row) -> list[str]:
    """What prompt_toolkit makes of the fragments, a string for each column."""
    found: list[str] = []
    for _, text in row.fragments:
        for char in text:
            width = get_cwidth(char)
            if width:
                found += [char] + [""] * (width - 1)
            else:
                base = max(index for index, cell in enumerate(found) if cell)
                found[base] += char
    return found


LINES = [
    (said("hello"), "12:34 <ann> hello"),
    (said("hello", mark="@"), "12:34 <@ann> hello"),
    (said("hello", flags=OWN), "12:34 <ann> hello"),
    (said("waves", kind="action"), "12:34  * ann waves"),
    (said("careful", kind="notice"), "12:34 -ann- careful"),
    (said("careful", kind="notice", nick=""), "12:34 -!- careful"),
    (said("ann has joined", kind="crowd"), "12:34 -!- ann has joined"),
    (said("ann is now ben", kind="nick"), "12:34 -!- ann is now ben"),
    (said("mode +o ann by ben", kind="mode"), "12:34 -!- mode +o ann by ben"),
    (said("ann was kicked", kind="kick"), "12:34 -!- ann was kicked"),
    (said("topic: x", kind="topic"), "12:34 -!- topic: x"),
    (said("connected", kind="info", nick=""), "12:34 -!- connected"),
    (said("no such nick", kind="error", nick=""), "12:34 -!- no such nick"),
    (said("hello", where="#dev"), "12:34 [#dev] <ann> hello"),
    (said("waves", kind="action", where="#dev"), "12:34 [#dev]  * ann waves"),
    (said("hello", flags=OWN | PENDING), "12:34 <ann> hello …"),
    (said("hello", flags=OWN | FAILED), "12:34 <ann> hello (not sent)"),
    (said("a \x02bold\x02 \x0304,12word"), "12:34 <ann> a bold word"),
    (said("[red]no markup[/] :smile:"), "12:34 <ann> [red]no markup[/] :smile:"),
    (said("a\xa0b\tc\x1b[31md\u202e"), "12:34 <ann> a b c[31md"),
    (said("x", nick="a\x1b]0;b\x07nn\x0304"), "12:34 <a]0;bnn> x"),
    (said("", nick=""), "12:34 -!-"),
]


@pytest.mark.parametrize(("entry", "line"), LINES)
def test_every_kind_has_its_line(entry: Entry, line: str) -> None:
    assert shown(view_of(), entry) == [line]


@pytest.mark.parametrize(
    ("entry", "width", "lines"),
    [
        (said("one two three four"), 24, ["12:34 <ann> one two", "            three four"]),
        (said("one twothreefourfive"), 24, [
            "12:34 <ann> one", "            twothreefour", "            five"]),
        (said("waves at all of you", kind="action"), 20, [
            "12:34  * ann waves", "         at all of", "         you"]),
        (said("日本語日本語"), 24, ["12:34 <ann> 日本語日本語"]),
        (said("日本語日本語日本"), 27, ["12:34 <ann> 日本語日本語日", "            本"]),
        (said("hello everybody", nick="annabella"), 20, [
            "12:34 <annabella>", "  hello everybody"]),
        (said("hi you", nick="annabella"), 20, ["12:34 <annabella> hi", "  you"]),
        (said("hello", nick="a" * 30), 20, [
            "12:34", "  <" + "a" * 17, "  " + "a" * 13 + ">", "  hello"]),
        (said("hello"), 10, ["12:34", " <ann>", " hello"]),
        (said("ann has joined, and ben", kind="crowd"), 24, [
            "12:34 -!- ann has", "          joined, and", "          ben"]),
    ],
)  # fmt: skip
def test_long_lines_are_wrapped_under_their_words(
    entry: Entry, width: int, lines: list[str]
) -> None:
    assert shown(view_of(), entry, width) == lines


@settings(deadline=None, max_examples=400)
@given(entries, st.integers(10, 100), st.booleans(), st.sampled_from(["", "a", "日"]))
def test_rows_are_exactly_as_wide_as_asked_and_the_terminal_agrees(
    entry: Entry, width: int, bare: bool, hits: str
) -> None:
    view = view_of()
    view.bare, view.hits = bare, hits
    for row in view.rows(window_of(entry), 0, width):
        assert sum(get_cwidth(text) for _, text in row.fragments) == width
        assert not UNSAFE.search(row.text)
        left = re.sub(r"\x1b\[[0-9;]*m|\x1b\]8;[^\x1b]*\x1b\\", "", row.escape)
        assert left == row.text
        assert row.escape.endswith("\x1b[0m")


@pytest.mark.parametrize("width", range(-1, 10))
def test_even_a_few_columns_are_filled_exactly(width: int) -> None:
    for text in ("hello you", "日本語 e\u0301\u0301", "\u0301", "", "https://x/y", " " * 20):
        for row in view_of().rows(window_of(said(text)), 0, width):
            assert get_cwidth(row.text) == max(1, width)


def test_thousands_of_colors_cost_no_memory_for_ever() -> None:
    view = view_of()
    for number in range(MOST_LOOKS + 100):
        [row] = own_rows(view, said(f"\x04{number:06x}x"))
        assert f"#{number:06x}" in style_of(row, "x")
    assert len(view._styling._looks) <= MOST_LOOKS


@settings(deadline=None, max_examples=300)
@given(entries, st.sampled_from([10, 20, 61, 80]), st.sampled_from(["dark", "light"]))
def test_fragments_and_escapes_show_the_same(entry: Entry, width: int, theme: str) -> None:
    for one, next_one in pairwise(
        entry.text + entry.where + entry.nick
    ):  # pyte has no place for it where the row ends
        assume(not (get_cwidth(one) == 2 and get_cwidth(next_one) == 0))
    view = view_of(theme=theme)
    for row in view.rows(window_of(entry), 0, width):
        screen = [cell.data for cell in on_screen(row.escape, width)]
        assert list(map(composed, screen)) == list(map(composed, cells(row)))


def pyte_color(color: str | None, environ: dict[str, str]) -> str:
    """What pyte calls a colour of prompt_toolkit's."""
    if not color:
        return "default"
    if color == "ff8000" and environ is COLORFUL:
        return "ff8700"  # the nearest of 256
    names = {"ansigray": "white", "ansiwhite": "brightwhite", "ansiyellow": "brown"}
    return names.get(color, color.removeprefix("ansi").replace("brightyellow", "brightbrown"))


@pytest.mark.parametrize(
    "environ", [COLORFUL, {"COLORTERM": "truecolor"}, COLORFUL | {"NO_COLOR": "1"}]
)
@pytest.mark.parametrize("theme", ["dark", "light"])
@pytest.mark.parametrize("entry", [
    said("a \x02bold \x1ditalic\x0f \x1funder \x1estrike \x16reverse\x0f \x11mono"),
    said("\x0304red \x0304,12both \x0355,20table \x04ff8000hex \x0399none"),
    said("see https://example.org/x, ann", flags=MENTION),
    said("lost", flags=OWN | FAILED),
])  # fmt: skip
def test_fragments_and_escapes_look_the_same(
    entry: Entry, theme: str, environ: dict[str, str]
) -> None:
    [row] = own_rows(view_of(environ, theme=theme), entry, 80)
    screen = on_screen(row.escape, 80)
    column = 0
    for style, text in row.fragments:
        attrs = PromptStyle([]).get_attrs_for_style_str(style)
        for _ in text:
            cell = screen[column]
            column += 1
            looks = (cell.bold, cell.italics, cell.underscore, cell.strikethrough, cell.reverse)
            asked = (attrs.bold, attrs.italic, attrs.underline, attrs.strike, attrs.reverse)
            assert looks == tuple(map(bool, asked))
            assert cell.fg == pyte_color(attrs.color, environ)
            assert cell.bg == pyte_color(attrs.bgcolor, environ)


@pytest.mark.parametrize("theme", ["dark", "light"])
def test_no_color_leaves_attributes_only(theme: str) -> None:
    view = view_of(COLORFUL | {"NO_COLOR": "1"}, theme=theme)
    entry = said("\x02\x0304,12bold\x0f \x04ff0000hex https://x/y", flags=MENTION)
    [row] = own_rows(view, entry)
    assert {word for style, _ in row.fragments for word in style.split()} <= set(ATTRIBUTES)
    assert set(re.findall(r"\x1b\[([0-9;]*)m", row.escape)) <= {"0", "1", "4", "7", "1;7"}
    assert style_of(row, "ann") == "bold reverse"
    assert style_of(row, "bold") == "bold"
    assert view.style(view.nick_style("ann")) == ""


def test_an_empty_no_color_says_nothing() -> None:
    assert "38;5" in own_rows(view_of(COLORFUL | {"NO_COLOR": ""}), said("x"))[0].escape


@pytest.mark.parametrize(
    "environ",
    [
        {},
        {"TERM": "xterm"},
        {"TERM": "xterm-256color"},
        {"TERM": "screen-256color"},
        {"TERM": "xterm-kitty"},
        {"TERM": "rxvt-16color"},
        {"TERM": "xterm-256color", "COLORTERM": " TrueColor "},
        {"TERM": "linux", "COLORTERM": "24bit"},
        {"TERM": "linux", "COLORTERM": "yes"},
    ],
)
def test_colors_are_found_out_as_rich_does(environ: dict[str, str]) -> None:
    assert color_system_of(environ) == Console(force_terminal=True, _environ=environ).color_system


def test_what_matters_stands_out() -> None:
    view = view_of()
    theme = view.theme
    [mention] = own_rows(view, said("you, ben", flags=MENTION))
    assert (
        style_of(mention, "ann") == view.style("mention_nick") != view.style(view.nick_style("ann"))
    )
    assert style_of(mention, "you, ben") == view.style("mention_line")
    [own] = own_rows(view, said("mine", flags=OWN))
    assert style_of(own, "ann") == view.style("own")
    assert style_of(own, "<") == view.style("own_mark") != view.style("mark")
    [past] = own_rows(view, said("old", flags=PAST))
    assert style_of(past, "12:34") == view.style("time_past") != view.style("time")
    [pending] = own_rows(view, said("mine", flags=OWN | PENDING))
    assert style_of(pending, "mine") == style_of(pending, "…") == view.style("pending")
    [failed] = own_rows(view, said("mine", flags=OWN | FAILED))
    assert style_of(failed, "(not sent)") == view.style("failed")
    [error] = own_rows(view, said("no", kind="error"))
    assert style_of(error, "-!-") == style_of(error, "no") == view.style(theme.error)


def test_nicks_have_colors_unless_told_otherwise() -> None:
    assert style_of(own_rows(view_of(), said("x"))[0], "ann").startswith("#")
    assert style_of(own_rows(view_of(nick_colors=False), said("x"))[0], "ann") == ""


def test_the_time_is_shown_as_it_is_set() -> None:
    assert shown(view_of(time_format="%H:%M:%S"), said("x")) == ["12:34:56 <ann> x"]
    assert shown(view_of(time_format="%d\x1b%H"), said("x")) == ["2212 <ann> x"]
    assert shown(view_of(), said("x", time=10**20)) == ["--:-- <ann> x"]


# Lines between


def test_a_new_day_is_announced() -> None:
    window = window_of(said("a"), said("b"), said("c", time=NOON + DAY))
    view = view_of()
    assert texts(view.rows(window, 0, 80)) == ["── Sunday, 22 November 2026 ──", "12:34 <ann> a"]
    assert texts(view.rows(window, 1, 80)) == ["12:34 <ann> b"]
    assert texts(view.rows(window, 2, 80)) == ["── Monday, 23 November 2026 ──", "12:34 <ann> c"]
    assert texts(view.rows(window, 2, 20))[0] == "── Monday, 23 Novem…"
    window.log.insert(window.log.first, [said("before")])
    assert texts(view.rows(window, 0, 80)) == ["12:34 <ann> a"]


def test_a_hidden_line_announces_no_day() -> None:
    crowd = said("ann has joined", kind="crowd", time=NOON + DAY)
    window = window_of(said("a"), crowd, said("c", time=NOON + DAY))
    view = view_of()
    view.noise = True
    assert view.rows(window, 1, 80) == []
    assert texts(view.rows(window, 2, 80)) == ["── Monday, 23 November 2026 ──", "12:34 <ann> c"]
    view.noise = False
    assert texts(view.rows(window, 2, 80)) == ["12:34 <ann> c"]


@pytest.mark.parametrize("kind", KINDS)
def test_the_noise_filter_hides_noise_only(kind: str) -> None:
    view = view_of()
    view.noise = True
    assert (own_rows(view, said("x", kind=kind)) == []) is (kind in NOISE)


def test_the_unread_line_is_above_what_was_not_seen() -> None:
    window = window_of(said("a"), said("b"), said("c"))
    view = view_of()
    window.unread = 1
    assert texts(view.rows(window, 1, 80)) == ["── unread ──", "12:34 <ann> b"]
    assert texts(view.rows(window, 2, 80)) == ["12:34 <ann> c"]
    assert view.rows(window, 1, 80)[0].fragments[0][0] == view.style("unread_line")
    window.unread = None
    assert texts(view.rows(window, 1, 80)) == ["12:34 <ann> b"]


def test_the_unread_line_is_found_though_its_entry_is_hidden_or_gone() -> None:
    view = view_of()
    view.noise = True
    window = window_of(said("a"), said("joined", kind="crowd"), said("c"))
    window.unread = 1
    assert texts(view.rows(window, 2, 80)) == ["── unread ──", "12:34 <ann> c"]
    window.log.clear()
    window.log.append(said("d"))
    assert texts(view.rows(window, 3, 80))[1:] == ["── unread ──", "12:34 <ann> d"]


def test_there_is_no_unread_line_above_own_words_alone() -> None:
    window = window_of(said("a"), said("b", flags=OWN))
    window.unread = 1
    assert texts(view_of().rows(window, 1, 80)) == ["12:34 <ann> b"]


def test_a_long_stretch_of_noise_is_passed_quickly() -> None:
    window = window_of(said("a"), *[said("x", kind="crowd")] * 50_000, said("b"))
    view = view_of()
    view.noise = True
    looked = 0

    def hides(entry: Entry) -> bool:
        nonlocal looked
        looked += 1
        return entry.kind == "crowd"

    view._hides = hides  # type: ignore[method-assign]
    assert texts(view.rows(window, 50_001, 80)) == ["12:34 <ann> b"]
    assert looked < 2_000


# Other ways to look


def test_the_bare_view_is_words_alone() -> None:
    view = view_of()
    view.bare = True
    window = window_of(said("a \x02bold\x02 https://x/y thing", mark="@", flags=MENTION))
    window.unread = 0
    rows = view.rows(window, 0, 20)
    assert texts(rows) == ["<@ann> a bold", " https://x/y thing"]
    assert all(style == "" for row in rows for style, _ in row.fragments)
    assert all(row.escape == row.text + "\x1b[0m" for row in rows)


def test_what_is_searched_for_is_shown() -> None:
    view = view_of()
    view.hits = "GRÜ"
    [row] = own_rows(view, said("Grüße \x02grü\x02n", nick="grün"))
    hits = [text for style, text in row.fragments if view.style("hit") in style]
    assert hits == ["grü", "Grü", "grü"]
    view.hits = "12:34"
    assert not any(
        view.style("hit") in style for style, _ in own_rows(view, said("x"))[0].fragments
    )
    view.hits = ".*"
    [row] = own_rows(view, said("not .* a pattern"))
    assert style_of(row, ".*") == view.style("hit")


def test_a_plugin_may_render_an_entry() -> None:
    view = view_of()
    view.render_hook = lambda entry, draw: draw(Panel(entry.text)) if entry.text == "box" else None
    assert shown(view, said("box"), 20) == [
        "╭──────────────────╮",
        "│ box              │",
        "╰──────────────────╯",
    ]
    assert shown(view, said("other")) == ["12:34 <ann> other"]


@pytest.mark.parametrize(
    "renderable",
    [
        "a plain [red]string[/] \x1b[2J\x9b",
        Text("日本" * 30, no_wrap=True, overflow="ignore"),
        Text("x\x1b]0;t\x07", style=Style(link="javascript:alert(1)", bold=True)),
        Text("y", style=Style(link="https://x/\x1b\\evil")),
        Table("a", "b", title="\u202etitle"),
    ],
)
def test_a_plugins_renderable_cannot_harm(renderable: Any) -> None:
    view = view_of()
    view.render_hook = lambda entry, draw: draw(renderable)
    rows = own_rows(view, said("x"), 30)
    for row in rows:
        assert sum(get_cwidth(text) for _, text in row.fragments) == 30
        on_screen(row.escape, 30)
        assert "\x1b]" not in row.escape
        assert "\u202e" not in row.text
    assert rows


class Broken:
    """A renderable that fails when it is drawn."""

    def __rich_console__(self, *_: object) -> Iterator[Text]:
        raise SystemExit(3)


def test_a_plugin_that_fails_leaves_the_usual_look_and_is_named() -> None:
    said_of_it: list[str] = []
    plugins = Plugins(said_of_it.append)
    implementation = Part("it", "client_render", lambda event: Broken(), (0,))
    plugins._put({"client_render": (implementation,)})
    view = view_of()
    view.render_hook = plugins.render
    assert shown(view, said("x")) == ["12:34 <ann> x"]
    assert said_of_it == ["Plugin it: client_render failed: SystemExit: 3."]


def test_an_entry_that_cannot_be_shown_is_shown_poorly(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> Any:
        raise RuntimeError

    view = view_of()
    monkeypatch.setattr("ircish.client.formatting.spans", fail)
    monkeypatch.setattr("ircish.client.formatting.urls", fail)
    [row] = own_rows(view, said("hé\x1b"), 10)
    assert row.text == "ann h??   "


# Links


def links(row: Row) -> list[tuple[str, str, str]]:
    """Every link: its id, where it goes, what is to be clicked."""
    found = re.findall(r"\x1b\]8;id=([0-9a-f]+);([^\x1b]+)\x1b\\(.*?)\x1b\]8;;\x1b\\", row.escape)
    assert row.escape.count("\x1b]8;") == 2 * len(found)
    return [(id, url, re.sub(r"\x1b\[[0-9;]*m", "", text)) for id, url, text in found]


def test_a_url_is_a_link() -> None:
    [row] = own_rows(view_of(), said("see (https://x/y_(z)), ok"))
    [(_, url, text)] = links(row)
    assert url == text == "https://x/y_(z)"
    assert "underline" in style_of(row, "https://x/y_(z)")


def test_a_wrapped_url_is_one_link() -> None:
    url = "https://example.org/" + "path/" * 12
    rows = own_rows(view_of(), said(f"{url} and https://other/"), 30)
    found = [link for row in rows for link in links(row)]
    assert "".join(text for _, to, text in found if to == url) == url
    assert len(found) > 4
    assert len({id for id, to, _ in found if to == url}) == 1
    assert len({id for id, _, _ in found}) == 2


@settings(deadline=None, max_examples=200)
@given(nasty)
def test_a_link_has_nothing_in_it_but_its_url(text: str) -> None:
    for row in own_rows(view_of(), said(f"https://x/{text}"), 40):
        for _, url, _ in links(row):
            assert re.fullmatch(r"https?://[!-~]*", url)


def test_other_schemes_are_no_links() -> None:
    [row] = own_rows(view_of(), said("javascript:alert(1) file:///etc/passwd"))
    assert "\x1b]8" not in row.escape


def test_urls_are_listed_newest_first() -> None:
    window = window_of(
        said("https://one/ and https://two/."),
        said("none: here"),
        said("again https://one/, (https://\x02three\x02/x)"),
    )
    texts = [entry.text for entry in reversed(window.log)]
    assert addresses(texts) == ["https://three/x", "https://one/", "https://two/"]


# What stays


def test_rows_stay_the_same_objects() -> None:
    window = window_of(said("a"), said("b", time=NOON + DAY))
    window.unread = 1
    view = view_of()
    first = view.rows(window, 1, 80)
    assert len(first) == 3
    window.log.append(said("c"))
    again = view.rows(window, 1, 80)
    assert all(one is other for one, other in zip(first, again, strict=True))
    narrow = view.rows(window, 1, 40)
    assert {len(row.text) for row in narrow} == {40}
    assert all(one is other for one, other in zip(first, view.rows(window, 1, 80), strict=True))


def test_a_replaced_entry_looks_like_the_new_one() -> None:
    window = window_of(said("a", flags=OWN | PENDING))
    view = view_of()
    assert texts(view.rows(window, 0, 80))[-1].endswith("…")
    window.log.replace(0, replace(window.log[0], flags=OWN))
    assert texts(view.rows(window, 0, 80))[-1] == "12:34 <ann> a"


def test_a_changed_setting_shows_after_clear() -> None:
    settings = looks()
    view = View(settings, COLORFUL)
    entry = said("a")
    before = own_rows(view, entry)[0]
    settings.theme, settings.time_format = "light", "%H"
    view.clear()
    after = own_rows(view, entry)[0]
    assert after.text.startswith("12 <ann>")
    assert style_of(after, "ann") != style_of(before, "ann")


def test_no_more_than_so_many_rows_are_kept() -> None:
    window = window_of(*(said(str(number)) for number in range(MOST_CACHED + 10)))
    view = view_of()
    oldest = view.rows(window, 1, 80)[0]
    for number in range(2, MOST_CACHED):
        view.rows(window, number, 80)
    assert view.rows(window, 1, 80)[0] is oldest  # used again: now the newest
    for number in range(MOST_CACHED, MOST_CACHED + 10):
        view.rows(window, number, 80)
    assert len(view._rows) == MOST_CACHED
    assert view.rows(window, 1, 80)[0] is oldest


def test_a_number_that_is_not_there_is_an_error() -> None:
    with pytest.raises(IndexError):
        view_of().rows(window_of(), 0, 80)


# Lines of other places


@pytest.mark.parametrize(
    ("text", "width", "shown"),
    [
        ("topic", 10, "topic     "),
        ("a longer topic", 10, "a longer …"),
        ("日本語日本語", 10, "日本語日… "),
        ("\x02bold\x02 \x1b[2Jx\n", 12, "bold [2Jx   "),
        ("\u0301x", 5, "x    "),
        (Text("rich\x1b\xa0text"), 12, "rich text   "),
        ("", 3, "   "),
        ("ab", 1, "…"),
    ],
)
def test_a_line_is_one_row(text: str | Text, width: int, shown: str) -> None:
    view = view_of()
    row = view.line(text, width, "topic")
    assert row.text == shown
    assert all("bg:#444444" in style for style, _ in row.fragments)
    assert {cell.bg for cell in on_screen(row.escape, width)} == {"444444"}
    assert view.line(text, width, "topic") is row
    assert view.line(text, width, "status") is not row


def test_a_topics_formatting_and_links_are_shown() -> None:
    row = view_of().line("\x02big\x02 https://x/y", 40, "topic")
    assert style_of(row, "big").split()[-1] == "bold"
    assert [url for _, url, _ in links(row)] == ["https://x/y"]


@pytest.mark.parametrize("environ", [COLORFUL, COLORFUL | {"NO_COLOR": "1"}])
@pytest.mark.parametrize("theme", ["dark", "light"])
def test_prompt_toolkit_takes_every_style(theme: str, environ: dict[str, str]) -> None:
    view = view_of(environ, theme=theme)
    names = [field.name for field in fields(view.theme) if field.name != "nicks"]
    words = {name: view.style(name) for name in names}
    words["completion-menu"] = words["menu"]
    words["completion-menu.completion.current"] = words["menu_current"]
    style = merge_styles([default_ui_style(), PromptStyle.from_dict(words)])
    current = style.get_attrs_for_style_str("class:completion-menu.completion.current")
    assert current.reverse is view.no_color
    assert style.get_attrs_for_style_str("class:status_own").bold
    assert view.style(view.nick_style("ann")) == ("" if view.no_color else words_of("ann", theme))


def words_of(nick: str, theme: str) -> str:
    color = nick_style(THEMES[theme], nick).color
    assert color
    return color.get_truecolor().hex
