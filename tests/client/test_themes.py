"""Themes: what can be read on which background, and the colours of nicks."""

from __future__ import annotations

from dataclasses import fields

import pytest
from rich.color import Color
from rich.style import Style

from ircish.client.formatting import Format
from ircish.client.themes import (
    DARK,
    LIGHT,
    MIRC,
    THEMES,
    Theme,
    format_style,
    nick_number,
    nick_style,
    without_colors,
)

BACKGROUNDS = {"dark": ("#000000", "#1e1e1e"), "light": ("#ffffff", "#f5f5f5")}
READABLE = 4.5
"""The contrast that text needs (WCAG 2.2, 1.4.3)."""


def luminance(color: Color) -> float:
    """Relative luminance, WCAG 2.2."""
    red, green, blue = (
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4
        for part in (value / 255 for value in color.get_truecolor())
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: Color, other: Color) -> float:
    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)


def styles(theme: Theme) -> dict[str, Style]:
    found = {f.name: getattr(theme, f.name) for f in fields(theme) if f.name != "nicks"}
    return found | {f"nick {number}": style for number, style in enumerate(theme.nicks)}


def test_contrast_is_computed_as_wcag_has_it() -> None:
    black, white = Color.parse("#000000"), Color.parse("#ffffff")
    assert contrast(black, white) == pytest.approx(21)
    assert contrast(Color.parse("#777777"), white) == pytest.approx(4.48, abs=0.01)


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize("number", [0, 1])
def test_everything_can_be_read_on_its_background(theme: str, number: int) -> None:
    behind = Color.parse(BACKGROUNDS[theme][number])
    poor = {
        name: round(contrast(style.color, style.bgcolor or behind), 2)
        for name, style in styles(THEMES[theme]).items()
        if style.color and contrast(style.color, style.bgcolor or behind) < READABLE
    }
    assert poor == {}


@pytest.mark.parametrize("theme", THEMES)
def test_no_color_of_a_theme_depends_on_the_terminals_own_sixteen(theme: str) -> None:
    for style in styles(THEMES[theme]).values():
        for color in (style.color, style.bgcolor):
            assert color is None or (color.number is not None and color.number >= 16)


@pytest.mark.parametrize("theme", [DARK, LIGHT])
def test_nicks_have_many_different_colors(theme: Theme) -> None:
    colors = {style.color for style in theme.nicks}
    assert len(colors) == len(theme.nicks) >= 20


@pytest.mark.parametrize("other", ["Ann", "ANN", "ann_", "ann__", "ann|", "Ann_|"])
def test_a_nick_keeps_its_color_under_its_variants(other: str) -> None:
    assert nick_style(DARK, other) == nick_style(DARK, "ann")


def test_a_nicks_number_is_the_same_in_every_process() -> None:
    numbers = {"ann": 3877663347, "ben": 110237153, "___": 1582742881, "\ud800": 1684325040}
    assert {nick: nick_number(nick) for nick in numbers} == numbers


def test_nicks_spread_over_the_colors() -> None:
    used = {nick_style(LIGHT, f"guest{number}").color for number in range(500)}
    assert len(used) == len(LIGHT.nicks)


@pytest.mark.parametrize("theme", [DARK, LIGHT])
def test_without_colors_what_must_stand_out_still_does(theme: Theme) -> None:
    bare = without_colors(theme)
    assert all(not style.color and not style.bgcolor for style in styles(bare).values())
    for name in ("mention_nick", "hit", "topic", "status", "more", "menu_current"):
        assert getattr(bare, name).reverse, name
    assert not bare.menu.reverse
    assert bare.mention_nick.bold
    assert bare.unread_line.bold
    assert bare.url.underline
    assert bare.activity_mention != bare.activity_talk


def test_ircs_sixteen_colors_are_the_terminals_own() -> None:
    assert sorted(MIRC[:16]) == list(range(16))
    assert len(MIRC) == 99
    assert all(16 <= number <= 255 for number in MIRC[16:])


@pytest.mark.parametrize(
    ("format", "style"),
    [
        (Format(bold=True, italic=True), "bold italic"),
        (Format(fg=4, bg=1), "color(9) on color(0)"),
        (Format(fg="ff8000"), "#ff8000"),
        (Format(fg=98), "color(231)"),
        (Format(underline=True, strike=True, reverse=True), "underline strike reverse"),
    ],
)
def test_formats_become_styles(format: Format, style: str) -> None:
    assert str(format_style(format, DARK)) == str(Style.parse(style))


def test_monospace_has_a_look_that_a_color_overrules() -> None:
    assert format_style(Format(monospace=True), DARK) == DARK.monospace
    assert format_style(Format(monospace=True, fg=4), DARK).color == Color.from_ansi(9)
