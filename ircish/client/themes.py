"""How things look: two themes of Rich styles, the colours of nicks and of formatting codes."""

from __future__ import annotations

import zlib
from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from functools import lru_cache
from typing import Final

from rich.color import Color
from rich.style import Style

from ircish.client.formatting import Format


def _style(color: int | None = None, on: int | None = None, *attributes: str) -> Style:
    """A style with colours of the terminal's 256."""
    return Style(
        color=None if color is None else Color.from_ansi(color),
        bgcolor=None if on is None else Color.from_ansi(on),
        **dict.fromkeys(attributes, True),  # type: ignore[arg-type]
    )


@dataclass(frozen=True, slots=True)
class Theme:
    """Every style by what it is for. Text without one is as the terminal has it."""

    time: Style
    time_past: Style
    """of what the server's history gave"""
    mark: Style
    """``@`` and ``+``, brackets"""
    own: Style
    """our nick"""
    own_mark: Style
    """the brackets around it"""
    action: Style
    notice: Style
    crowd: Style
    """who comes and goes, nicks, modes"""
    info: Style
    """``-!-``, and what the server or the client says"""
    error: Style
    where: Style
    """``[#dev]``"""
    mention_nick: Style
    mention_line: Style
    unread_line: Style
    day_line: Style
    pending: Style
    failed: Style
    url: Style
    hit: Style
    """found by the search"""
    monospace: Style
    topic: Style
    """the topic bar"""
    topic_name: Style
    """in it, the channel"""
    topic_past: Style
    """in it, the topic of a channel that we are not in"""
    status: Style
    """the status bar"""
    status_own: Style
    """in it, our nick and the window"""
    status_trouble: Style
    """in it, what is wrong with the connection"""
    activity_noise: Style
    activity_talk: Style
    activity_mention: Style
    prompt: Style
    hint: Style
    """the line under the prompt"""
    hint_name: Style
    """in it, what is being typed now"""
    menu: Style
    menu_current: Style
    """says "not reverse", because prompt_toolkit's own style of it is reversed"""
    more: Style
    """``↓ 12 new``"""
    dialog: Style
    dialog_key: Style
    border: Style
    """between the log and the nicks"""
    away: Style
    """in the nick list"""
    nicks: tuple[Style, ...]


DARK: Final = Theme(
    time=_style(248),
    time_past=_style(245),
    mark=_style(246),
    own=_style(255, None, "bold"),
    own_mark=_style(75),
    action=_style(183),
    notice=_style(116),
    crowd=_style(246),
    info=_style(110),
    error=_style(210, None, "bold"),
    where=_style(180),
    mention_nick=_style(16, 221, "bold"),
    mention_line=_style(222),
    unread_line=_style(216, None, "bold"),
    day_line=_style(247),
    pending=_style(246),
    failed=_style(210, None, "bold"),
    url=_style(117, None, "underline"),
    hit=_style(16, 120),
    monospace=_style(151),
    topic=_style(254, 238),
    topic_name=_style(255, 238, "bold"),
    topic_past=_style(250, 238),
    status=_style(252, 236),
    status_own=_style(255, 236, "bold"),
    status_trouble=_style(216, 236, "bold"),
    activity_noise=_style(248, 236),
    activity_talk=_style(117, 236),
    activity_mention=_style(221, 236, "bold"),
    prompt=_style(117, None, "bold"),
    hint=_style(247),
    hint_name=_style(222, None, "bold"),
    menu=_style(252, 237),
    menu_current=_style(16, 117) + Style(reverse=False),
    more=_style(16, 117, "bold"),
    dialog=_style(255, 237),
    dialog_key=_style(221, 237, "bold"),
    border=_style(245),
    away=_style(245),
    nicks=tuple(
        _style(number)
        for number in (
            *(203, 209, 208, 179, 220, 186, 148, 112, 107, 77, 114, 49, 79, 44, 116, 39),
            *(81, 75, 111, 104, 147, 141, 183, 171, 213, 206, 175, 211),
        )
    ),
)

LIGHT: Final = Theme(
    time=_style(240),
    time_past=_style(242),
    mark=_style(240),
    own=_style(16, None, "bold"),
    own_mark=_style(25),
    action=_style(54),
    notice=_style(23),
    crowd=_style(240),
    info=_style(24),
    error=_style(124, None, "bold"),
    where=_style(58),
    mention_nick=_style(231, 125, "bold"),
    mention_line=_style(89),
    unread_line=_style(124, None, "bold"),
    day_line=_style(240),
    pending=_style(242),
    failed=_style(124, None, "bold"),
    url=_style(25, None, "underline"),
    hit=_style(16, 220),
    monospace=_style(22),
    topic=_style(234, 252),
    topic_name=_style(16, 252, "bold"),
    topic_past=_style(239, 252),
    status=_style(235, 254),
    status_own=_style(16, 254, "bold"),
    status_trouble=_style(124, 254, "bold"),
    activity_noise=_style(240, 254),
    activity_talk=_style(25, 254),
    activity_mention=_style(125, 254, "bold"),
    prompt=_style(25, None, "bold"),
    hint=_style(240),
    hint_name=_style(89, None, "bold"),
    menu=_style(235, 253),
    menu_current=_style(231, 25) + Style(reverse=False),
    more=_style(231, 25, "bold"),
    dialog=_style(16, 253),
    dialog_key=_style(89, 253, "bold"),
    border=_style(242),
    away=_style(242),
    nicks=tuple(
        _style(number)
        for number in (
            *(88, 124, 160, 94, 58, 22, 23, 24, 25, 26, 19, 21, 61, 57, 55, 93, 54, 91, 128, 53),
            *(90, 127, 89, 126, 125),
        )
    ),
)

THEMES: Final[Mapping[str, Theme]] = {"dark": DARK, "light": LIGHT}

MIRC: Final = (
    # 0 to 15 are the terminal's own, so that its theme holds.
    *(15, 0, 4, 2, 9, 1, 5, 3, 11, 10, 6, 14, 12, 13, 8, 7),
    *(52, 94, 100, 58, 22, 29, 23, 24, 17, 54, 53, 89),
    *(88, 130, 142, 64, 28, 35, 30, 25, 18, 91, 90, 125),
    *(124, 166, 184, 106, 34, 49, 37, 33, 19, 129, 127, 161),
    *(196, 208, 226, 154, 46, 86, 51, 75, 21, 171, 201, 198),
    *(203, 215, 227, 191, 83, 122, 87, 111, 63, 177, 207, 205),
    *(217, 223, 229, 193, 157, 158, 159, 153, 147, 183, 219, 212),
    *(16, 233, 235, 237, 239, 241, 244, 247, 250, 254, 231),
)
"""IRC's colours 0 to 98 among the terminal's 256 (modern.ircdocs.horse/formatting)."""


def without_colors(theme: Theme) -> Theme:
    """The same theme for NO_COLOR: attributes stay, and what stood out by its
    background is reversed."""
    changed = {
        field.name: _colorless(getattr(theme, field.name))
        for field in fields(theme)
        if field.name not in ("menu", "nicks")
    }
    return replace(theme, menu=Style.null(), nicks=(Style.null(),), **changed)


def _colorless(style: Style) -> Style:
    reversed = Style(reverse=True) if style.bgcolor else Style.null()
    return style.without_color + reversed


def nick_number(nick: str) -> int:
    """A number for a nick, the same on every machine and day: ``Ann_`` has ``ann``'s.

    It is CRC-32 of the casefolded nick without trailing ``_`` and ``|``.
    """
    folded = nick.casefold()
    return zlib.crc32((folded.rstrip("_|") or folded).encode("utf-8", "replace"))


def nick_style(theme: Theme, nick: str) -> Style:
    """A nick's colour."""
    return theme.nicks[nick_number(nick) % len(theme.nicks)]


@lru_cache(1024)
def format_style(format: Format, theme: Theme) -> Style:
    """The style of a stretch of formatted text."""
    style = Style(
        color=_color(format.fg),
        bgcolor=_color(format.bg),
        bold=format.bold or None,
        italic=format.italic or None,
        underline=format.underline or None,
        strike=format.strike or None,
        reverse=format.reverse or None,
    )
    return theme.monospace + style if format.monospace else style


def _color(asked: int | str | None) -> Color | None:
    if asked is None:
        return None
    return Color.parse(f"#{asked}") if isinstance(asked, str) else Color.from_ansi(MIRC[asked])
