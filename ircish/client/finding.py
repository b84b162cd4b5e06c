"""Finding in the log that is shown: by words, and from one mention to the next."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from prompt_toolkit.buffer import Buffer
from prompt_toolkit.layout import BufferControl, Window
from prompt_toolkit.layout.processors import BeforeInput

from ircish.client.log import MENTION
from ircish.client.windows import Window as ChatWindow

if TYPE_CHECKING:
    from ircish.client.client import Client
    from ircish.client.pane import LogPane
    from ircish.client.view import View

Looked = tuple[ChatWindow, int | None, int]
"""A window, its anchor and its hidden rows: two that are alike show the same."""


class Finding:
    """Moves the view to what is looked for; what is older than the log is asked of the server."""

    def __init__(self, client: Client, view: View, pane: LogPane) -> None:
        self._client = client
        self._view = view
        self._pane = pane
        self._words = Buffer(on_text_changed=self._changed, multiline=False)
        self._hit: int | None = None
        self._mention: tuple[int, Looked] | None = None
        self.container = Window(
            BufferControl(
                self._words, input_processors=[BeforeInput("search the log: ", "class:prompt")]
            ),
            height=1,
        )

    # Words --------------------------------------------------------------------------------------

    def begin(self, text: str = "") -> None:
        """Look for a text, which may be changed and added to."""
        self._hit = None
        self._words.text = text
        self._words.cursor_position = len(text)

    def insert(self, text: str) -> None:
        """Add what was pasted."""
        self._words.insert_text(" ".join(text.split()))

    def end(self) -> None:
        """Look for nothing any more; the view stays."""
        self._view.hits = ""
        self._words.reset()

    def _changed(self, buffer: Buffer) -> None:
        self._view.hits = buffer.text
        self._hit = None
        if buffer.text:
            self.seek(older=True)

    def seek(self, *, older: bool) -> None:
        """Show the hit before, or the one after."""
        window, wanted = self._client.windows.current, self._words.text.casefold()
        if not wanted:
            return
        log = window.log
        start = self._hit if self._hit is not None else (log.end if older else log.first - 1)
        numbers = range(start - 1, log.first - 1, -1) if older else range(start + 1, log.end)
        for number in numbers:
            entry = log[number]
            if wanted in entry.text.casefold() or wanted in entry.nick.casefold():
                self._hit = number
                self._pane.to(number)
                return
        if older:
            self._client.recall.older(window)

    # Mentions -----------------------------------------------------------------------------------

    def mention_before(self) -> None:
        """Show the mention before the one that was gone to, or before what is shown."""
        window = self._client.windows.current
        end = window.log.end if window.anchor is None else window.anchor + 1
        gone_to = self._gone_to(window)
        start = end if gone_to is None else gone_to
        if not self._show_first(window, range(start - 1, window.log.first - 1, -1)):
            self._client.recall.older(window)

    def mention_after(self) -> bool:
        """Show the next mention, and after the last one the newest line; False where the view is
        there and was not brought to a mention."""
        window = self._client.windows.current
        gone_to = self._gone_to(window)
        if gone_to is None and window.anchor is None:
            return False
        bottom = window.log.end if window.anchor is None else window.anchor
        start = bottom if gone_to is None else gone_to
        if not self._show_first(window, range(start + 1, window.log.end)):
            self._mention = None
            self._pane.bottom()
        return True

    def _show_first(self, window: ChatWindow, numbers: Iterable[int]) -> bool:
        """Show the first of these entries that mentions us; whether there is one."""
        for number in numbers:
            if window.log[number].flags & MENTION:
                self._pane.to(number)
                self._mention = number, (window, window.anchor, window.hidden)
                return True
        return False

    def _gone_to(self, window: ChatWindow) -> int | None:
        """The mention that was gone to, as long as the view is there."""
        if self._mention and self._mention[1] == (window, window.anchor, window.hidden):
            return self._mention[0]
        return None
