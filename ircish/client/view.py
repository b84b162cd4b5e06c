"""How a window looks: Entries become Rows of a given width, with day lines, the unread line and
filters. It knows no screen: which rows are shown is pane's."""

from __future__ import annotations

import os
import re
import time
from collections import OrderedDict
from collections.abc import Callable, Hashable, Iterator, Mapping
from functools import lru_cache, partial
from typing import Any, Final, Protocol, TypeVar

from rich.style import Style
from rich.text import Span, Text

from ircish.client import formatting
from ircish.client.log import FAILED, MENTION, NOISE, OWN, PAST, PENDING, UNSENT, Entry, Log
from ircish.client.styling import Row, Styling, color_system_of, poor_row, standing, visible
from ircish.client.themes import (
    THEMES,
    Theme,
    format_style,
    nick_style,
    without_colors,
)
from ircish.client.windows import Window
from ircish.client.wrapping import text_width

__all__ = ["Looks", "Row", "View"]

MOST_CACHED: Final = 5_000
"""Entries whose rows are kept."""
MOST_BACK: Final = 1_000
"""Hidden entries that are looked behind for the one before."""

LISTED: Final = re.compile(r"  \S.*?  +(?=\S)")
"""A line of a list, up to its second column: later rows begin there, too."""
BESIDE: Final = 24
"""Columns that this needs beside the first."""

WAITING: Final = " …"

Cached = TypeVar("Cached")


Draw = Callable[[Any], list[Row]]
"""Makes rows of a Rich renderable."""


class Looks(Protocol):
    """The settings that View reads."""

    theme: str
    time_format: str
    nick_colors: bool


class View:
    """Rows of Entries, kept for as long as they look the same; no entry can break it."""

    def __init__(
        self,
        settings: Looks,
        environ: Mapping[str, str] | None = None,
        color_system: str | None = None,
    ) -> None:
        """``color_system`` is "standard", "256" or "truecolor"; None finds it in ``environ``."""
        environ = os.environ if environ is None else environ
        self.settings = settings
        self.noise = False
        """Hide who comes and goes, nicks and modes."""
        self.bare = False
        """Who said what and no more, no time, colours or indent: to be copied with the mouse."""
        self.hits = ""
        """What is searched for, shown wherever it is; case does not matter."""
        self.render_hook: Callable[[Entry, Draw], list[Row] | None] | None = None
        """The rows of an entry, drawn of a Rich renderable by what it is given; None for the usual
        look. It raises nothing."""
        self.no_color: Final = bool(environ.get("NO_COLOR"))
        self.theme: Theme
        self._styling = Styling(color_system or color_system_of(environ), self.no_color)
        self._rows: OrderedDict[Hashable, list[Row]] = OrderedDict()
        self._lines: OrderedDict[Hashable, Row] = OrderedDict()
        self._time_of = lru_cache(1_024)(self._read_time)
        self.clear()

    def clear(self) -> None:
        """Forget all rows: the theme or another setting has changed, or the hook."""
        theme = THEMES[self.settings.theme]
        self.theme = without_colors(theme) if self.no_color else theme
        self._rows.clear()
        self._lines.clear()
        self._time_of.cache_clear()

    def style(self, style: str | Style) -> str:
        """A style of the theme by its name, or any other, in prompt_toolkit's words."""
        return self._styling.words(getattr(self.theme, style) if isinstance(style, str) else style)

    def nick_style(self, nick: str) -> Style:
        """A nick's colour, where nicks have colours."""
        return nick_style(self.theme, nick) if self.settings.nick_colors else Style.null()

    def rows(self, window: Window, number: int, width: int) -> list[Row]:
        """The rows of an entry, after its day line and the unread line where they belong.

        None where a filter hides it. The list is not to be changed. Raises IndexError for a
        number that is not in the window's log.
        """
        log, width = window.log, max(1, width)
        entry = log[number]
        if self._hides(entry):
            return []
        key = entry, width, self.bare, self.hits
        rows = _cached(self._rows, key, lambda: self._guarded(entry, width))
        if self.bare:
            return rows
        before = self._before(log, number)
        above = []
        day = self._time_of(entry.time // 1000)[1]
        if before is None or day != self._time_of(log[before].time // 1000)[1]:
            above.append(self.line(f"── {day} ──", width, "day_line"))
        if self._is_first_unread(window, number, before):
            above.append(self.line("── unread ──", width, "unread_line"))
        return above + rows if above else rows

    def line(self, text: str | Text, width: int, style: str | Style = "") -> Row:
        """One row for another place, such as the topic: cut with an ellipsis where it is too long.

        ``style``, a name of the theme or a style, is under the whole width. A str may have IRC's
        formatting codes in it.
        """
        words = text if isinstance(text, str) else (text.plain, text.style, tuple(text.spans))
        return _cached(self._lines, (words, width, style), lambda: self._line(text, width, style))

    # What is where

    def _hides(self, entry: Entry) -> bool:
        return self.noise and entry.kind in NOISE

    def _before(self, log: Log, number: int) -> int | None:
        """The entry that is shown above another."""
        last = max(log.first, number - MOST_BACK)
        for before in range(number - 1, last - 1, -1):
            if not self._hides(log[before]):
                return before
        return None if last == log.first else last

    def _is_first_unread(self, window: Window, number: int, before: int | None) -> bool:
        """Whether the unread line is above an entry; none is where all below are our own words."""
        unread, log = window.unread, window.log
        if unread is None or number < unread or (before is not None and before >= unread):
            return False
        return any(not log[each].flags & OWN for each in range(max(unread, log.first), log.end))

    def _read_time(self, seconds: int) -> tuple[str, str]:
        """Time and day in words, local."""
        try:
            local = time.localtime(seconds)
            clock = time.strftime(self.settings.time_format, local)
            day = f"{time.strftime('%A', local)}, {local.tm_mday} {time.strftime('%B %Y', local)}"
        except (OverflowError, ValueError, OSError):  # no such year
            return "--:--", "some day"
        return formatting.name(clock), day

    # What it looks like

    def _line(self, text: str | Text, width: int, style: str | Style) -> Row:
        if isinstance(text, str):
            words, formats = formatting.spans(text)
            spans = [Span(a, b, format_style(format, self.theme)) for a, b, format in formats]
            text = Text(words, spans=[*spans, *self._links(words, 0)])
        if isinstance(style, str):
            style = getattr(self.theme, style) if style else Style.null()
        return self._styling.line(text, width, style)

    def _guarded(self, entry: Entry, width: int) -> list[Row]:
        """The rows of an entry, in a poorer look where something fails: a screen that cannot be
        painted would never be painted again."""
        if self.render_hook is not None and not self.bare:
            drawn = self.render_hook(entry, partial(self._styling.rendered, width=width))
            if drawn is not None:
                return drawn
        try:
            if self.bare:
                head = "".join(words for words, _ in self._head(entry)).lstrip()
                words = standing(visible(head + entry.text)) + self._ending(entry)
                return self._styling.wrapped(Text(words), width, 1, 0)
            return self._dressed(entry, width)
        except Exception:
            return [poor_row(f"{entry.nick} {entry.text}", width)]

    def _head(self, entry: Entry) -> list[tuple[str, Style]]:
        """What is before the words, in pieces: whose they are, and where."""
        theme, flags, kind = self.theme, entry.flags, entry.kind
        nick = formatting.name(entry.nick)
        bracket = theme.own_mark if flags & OWN else theme.mark
        if flags & OWN:
            look = theme.own
        elif flags & MENTION:
            look = theme.mention_nick
        else:
            look = self.nick_style(nick)
        where = formatting.name(entry.where)
        pieces = [(f"[{where}] ", theme.where)] if where else []
        if kind == "message" and nick:
            mark = formatting.name(entry.mark)
            return [*pieces, (f"<{mark}", bracket), (nick, look), ("> ", bracket)]
        if kind == "action" and nick:
            return [*pieces, (" * ", bracket), (f"{nick} ", look)]
        if kind == "notice" and nick:
            return [*pieces, ("-", theme.notice), (nick, look), ("- ", theme.notice)]
        return [*pieces, ("-!- ", theme.error if kind == "error" else theme.info)]

    def _ending(self, entry: Entry) -> str:
        if entry.flags & (PENDING | FAILED):
            return WAITING if entry.flags & PENDING else UNSENT
        return ""

    def _words_style(self, entry: Entry) -> Style | None:
        theme, flags, kind = self.theme, entry.flags, entry.kind
        if flags & PENDING:
            return theme.pending
        if flags & MENTION and not flags & OWN:
            return theme.mention_line
        if kind == "action":
            return theme.action
        if kind == "error":
            return theme.error
        return theme.crowd if kind in NOISE else None

    def _dressed(self, entry: Entry, width: int) -> list[Row]:
        """The rows of an entry with all that belongs to it."""
        theme = self.theme
        head = self._time_of(entry.time // 1000)[0]
        spans = [Span(0, len(head), theme.time_past if entry.flags & PAST else theme.time)]
        head += " "
        after_time = len(head)
        for words, style in self._head(entry):
            start = len(head)
            head += words
            spans.append(Span(start, len(head), style))
        # Later rows begin where the words do, an action's where its nick does.
        indent = text_width(head[:start] if entry.kind == "action" else head)
        size = len(head)
        words, formats = formatting.spans(entry.text)
        end = size + len(words)
        base = self._words_style(entry)
        if base is not None:
            spans.append(Span(size, end, base))
        if formats:
            spans += (Span(size + a, size + b, format_style(f, theme)) for a, b, f in formats)
        if ":" in words:
            spans += self._links(words, size)
        plain = head + words
        if self.hits:
            for match in re.finditer(re.escape(self.hits), plain[after_time:], re.IGNORECASE):
                start, stop = match.span()
                spans.append(Span(after_time + start, after_time + stop, theme.hit))
        ending = self._ending(entry)
        if ending:
            look = theme.pending if ending == WAITING else theme.failed
            spans.append(Span(end, end + len(ending), look))
        text = Text((plain + ending).replace("\xa0", " "), spans=spans)
        if indent <= width // 2:
            if entry.kind == "info" and (column := LISTED.match(words)):
                beside = indent + text_width(column[0])
                indent = beside if width - beside >= BESIDE else indent
            return self._styling.wrapped(text, width, indent, size)
        fits = text_width(head.rstrip()) <= width
        return self._styling.wrapped(text, width, width // 8, size - 1 if fits else 0)

    def _links(self, words: str, offset: int) -> Iterator[Span]:
        for start, end in formatting.urls(words):
            link = formatting.link(words[start:end])
            if link:
                yield Span(offset + start, offset + end, self.theme.url.update_link(link))


def _cached(
    cache: OrderedDict[Hashable, Cached], key: Hashable, make: Callable[[], Cached]
) -> Cached:
    """What is cached under a key, made where it is not; the oldest is forgotten."""
    found = cache.get(key)
    if found is not None:
        cache.move_to_end(key)
        return found
    made = cache[key] = make()
    if len(cache) > MOST_CACHED:
        cache.popitem(last=False)
    return made
