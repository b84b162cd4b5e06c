"""The screen: where topic, log, nick list, status, prompt and dialogs are, how large, and in which
styles. What the keys do is actions'."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from prompt_toolkit.data_structures import Size
from prompt_toolkit.filters import Condition
from prompt_toolkit.formatted_text import StyleAndTextTuples
from prompt_toolkit.layout import (
    ConditionalContainer,
    Dimension,
    Float,
    FloatContainer,
    FormattedTextControl,
    HSplit,
    Layout,
    UIContent,
    UIControl,
    VSplit,
    Window,
)
from prompt_toolkit.layout.menus import CompletionsMenu
from prompt_toolkit.styles import Style

from ircish.client import bars, dialog
from ircish.client.finding import Finding
from ircish.client.pane import LogPane
from ircish.text import printable

if TYPE_CHECKING:
    from ircish.client.client import Client
    from ircish.client.prompt import Prompt
    from ircish.client.themes import Theme
    from ircish.client.view import View

NARROW = 90
"""Columns below which there is no nick list."""

MENU_ROWS = 10
"""Candidates that are shown at once."""

STYLES = {
    "topic": "topic",
    "topic.name": "topic_name",
    "topic.past": "topic_past",
    "status": "status",
    "status.own": "status_own",
    "status.trouble": "status_trouble",
    "activity-noise": "activity_noise",
    "activity-talk": "activity_talk",
    "activity-mention": "activity_mention",
    "more": "more",
    "prompt": "prompt",
    "hint": "hint",
    "hint.name": "hint_name",
    "dialog": "dialog",
    "dialog.key": "dialog_key",
    "border": "border",
    "mark": "mark",
    "away": "away",
    "completion-menu": "menu",
    "completion-menu.completion": "menu",
    "completion-menu.completion.current": "menu_current",
    "completion-menu.meta.completion": "menu",
    "completion-menu.meta.completion.current": "menu_current",
}
"""The layout's style classes, and the theme's names for them."""


class Screen:
    """The layout, and what of it has the keys."""

    def __init__(
        self,
        client: Client,
        view: View,
        prompt: Prompt,
        size: Callable[[], Size],
    ) -> None:
        """``size`` is the terminal's."""
        self._client = client
        self._view = view
        self._prompt = prompt
        self._size = size
        self._theme: Theme | None = None
        self._styles: Style
        self.pane = LogPane(
            lambda: client.windows.current,
            view.rows,
            client.recall.older,
            width=self._log_width,
            mouse=Condition(lambda: client.settings.mouse),
        )
        self.finding = Finding(client, view, self.pane)
        self.dialog: dialog.Dialog | None = None
        """What is being asked: it has the keys until it is answered."""
        self._menu = Float(
            CompletionsMenu(max_height=MENU_ROWS, scroll_offset=1),
            xcursor=True,
            height=self._menu_height,
        )
        self._question = Float(
            ConditionalContainer(
                Window(
                    FormattedTextControl(self._asked),
                    style="class:dialog",
                    dont_extend_height=True,
                    dont_extend_width=True,
                ),
                Condition(lambda: self.dialog is not None),
            )
        )
        self.layout = Layout(self._body(), focused_element=prompt.container)

    def _body(self) -> FloatContainer:
        framed = Condition(lambda: not self._view.bare)
        hinted = Condition(lambda: bool(self._hint()))
        searching = Condition(lambda: self.searching)
        topic = _bar(lambda: bars.topic(self._client), "class:topic")
        nicks = VSplit(
            [
                Window(width=1, char="│", style="class:border"),
                Window(
                    NickList(self._client, self._view),
                    width=lambda: Dimension.exact(self._client.settings.nick_list_width),
                ),
            ]
        )
        log = VSplit([self.pane, ConditionalContainer(nicks, Condition(self._nicks_shown))])
        return FloatContainer(
            HSplit(
                [
                    ConditionalContainer(topic, framed),
                    log,
                    _bar(self._status, "class:status"),
                    ConditionalContainer(self.finding.container, searching),
                    ConditionalContainer(self._prompt.container, ~searching),
                    self._prompt.search_bar,
                    ConditionalContainer(_bar(self._hint, "class:hint"), hinted),
                ]
            ),
            floats=[self._menu, self._question],
        )

    # What has the keys --------------------------------------------------------------------------

    @property
    def typing(self) -> bool:
        """Whether keys are for the prompt."""
        return self.layout.has_focus(self._prompt.container)

    @property
    def searching(self) -> bool:
        """Whether keys are for the search of the log."""
        return self.layout.has_focus(self.finding.container)

    def search(self, text: str = "") -> None:
        """Search the log of the window that is shown."""
        self.layout.focus(self.finding.container)
        self.finding.begin(text)

    def end_search(self) -> None:
        """Go back to the prompt."""
        self.finding.end()
        self.layout.focus(self._prompt.container)

    def follow(self) -> None:
        """Another window may be shown: its prompt is its own."""
        if self._prompt.follow() and not self.searching:
            self.layout.focus(self._prompt.container)

    # Sizes --------------------------------------------------------------------------------------

    def prepare(self) -> None:
        """Before it is painted: what is shown takes the keys; menu and dialog are above status and
        hint, which tell something."""
        self.follow()
        self._menu.bottom = self._question.bottom = self._prompt.rows + bool(self._hint()) + 1

    def _log_width(self) -> Dimension:
        beside = self._client.settings.nick_list_width + 1 if self._nicks_shown() else 0
        return Dimension.exact(self._size().columns - beside)

    def _nicks_shown(self) -> bool:
        return (
            self._client.settings.nick_list
            and not self._view.bare
            and self._client.windows.current.kind == "channel"
            and self._size().columns >= NARROW
        )

    def _menu_height(self) -> int:
        state = self._prompt.buffer.complete_state
        room = self._size().rows - (self._menu.bottom or 0)
        return max(0, min(MENU_ROWS, room, len(state.completions) if state else 0))

    # Texts --------------------------------------------------------------------------------------

    def _status(self) -> bars.Pieces:
        hidden = "bare: Alt-L" if self._view.bare else "no joins: Alt-=" if self._view.noise else ""
        return bars.status(self._client, hidden, self._size().columns)

    def _hint(self) -> bars.Pieces:
        if not self._client.settings.hints or self.dialog:
            return []
        return bars.hint(self._client, self._prompt.buffer.text)

    def _asked(self) -> StyleAndTextTuples:
        if self.dialog is None:
            return []
        columns, rows = self._size().columns, self._size().rows - (self._question.bottom or 0)
        return list(dialog.pieces(self.dialog, columns, rows))

    def style(self) -> Style:
        """The theme's styles under the names that the layout uses; made anew with the theme."""
        theme = self._view.theme
        if theme is not self._theme:
            self._theme = theme
            self._styles = Style.from_dict(
                {name: self._view.style(each) for name, each in STYLES.items()}
            )
        return self._styles


def _bar(text: Callable[[], bars.Pieces], style: str) -> Window:
    return Window(
        FormattedTextControl(lambda: list(text())), height=1, style=style, wrap_lines=False
    )


class NickList(UIControl):
    """Who is in the channel, a line each; only those that are visible cost something."""

    def __init__(self, client: Client, view: View) -> None:
        self._client = client
        self._view = view

    def create_content(self, width: int, height: int) -> UIContent:
        everybody = bars.members(self._client)

        def line(number: int) -> StyleAndTextTuples:
            member = everybody[number]
            look = self._view.nick_style(member.nick)
            style = "class:away" if member.away else self._view.style(look)
            return [("class:mark", member.marks[:1] or " "), (style, printable(member.nick))]

        return UIContent(line, line_count=len(everybody), show_cursor=False)

    def is_focusable(self) -> bool:
        return False
