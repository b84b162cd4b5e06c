"""The prompt: what is being typed in each window, what completes it, what was typed before, pastes.
What becomes of a line is Client's."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable, Iterable
from typing import TYPE_CHECKING

from prompt_toolkit.buffer import Buffer
from prompt_toolkit.completion import CompleteEvent, Completer, Completion
from prompt_toolkit.document import Document
from prompt_toolkit.filters import Condition
from prompt_toolkit.history import History
from prompt_toolkit.layout import BufferControl, Dimension, ScrollOffsets, Window
from prompt_toolkit.layout.processors import BeforeInput
from prompt_toolkit.widgets import SearchToolbar

from ircish.client import bars
from ircish.client.completing import candidates
from ircish.client.dialog import Dialog, pasted
from ircish.client.fitting import split
from ircish.client.inputs import redacted
from ircish.client.windows import Window as ChatWindow

if TYPE_CHECKING:
    from ircish.client.client import Client
    from ircish.client.inputs import Inputs

MOST_ROWS = 6
"""Rows that a text of several lines may take."""


class Prompt:
    """What is typed, with a draft of its own for each window."""

    def __init__(
        self, client: Client, inputs: asyncio.Future[Inputs], ask: Callable[[Dialog], None]
    ) -> None:
        """``inputs`` are there when they have been read, which takes time at the start."""
        self._client = client
        self._inputs = inputs
        self._ask = ask
        self._buffers: dict[ChatWindow, Buffer] = {}
        self.search_bar = SearchToolbar(
            forward_search_prompt="typed: ", backward_search_prompt="typed: "
        )
        self._control = self._new_control()
        self.container = Window(
            self._control,
            height=lambda: Dimension.exact(self.rows),
            dont_extend_height=True,
            wrap_lines=False,
            get_horizontal_scroll=lambda window: 0,  # or it would stay scrolled after a long line
            scroll_offsets=ScrollOffsets(right=8),
            style="class:input",
        )

    @property
    def buffer(self) -> Buffer:
        """What is typed in the window that is shown."""
        window = self._client.windows.current
        if window not in self._buffers:
            self._buffers[window] = Buffer(
                history=TypedBefore(self._inputs, lambda: window.name),
                completer=MenuCompleter(self._client),
                complete_while_typing=Condition(lambda: is_name(self.buffer.text)),
                enable_history_search=False,
                multiline=True,
            )
        return self._buffers[window]

    @property
    def rows(self) -> int:
        """How many rows it takes."""
        return max(1, min(self.buffer.document.line_count, MOST_ROWS))

    def _new_control(self) -> BufferControl:
        return BufferControl(
            self.buffer,
            input_processors=[BeforeInput(lambda: list(bars.prompt(self._client)))],
            search_buffer_control=self.search_bar.control,
            focus_on_click=True,
        )

    def follow(self) -> bool:
        """Show what is typed in the window that is shown; whether that is another than before."""
        if self._control.buffer is self.buffer:
            return False
        self._control = self.container.content = self._new_control()
        for window in set(self._buffers) - set(self._client.windows):
            del self._buffers[window]
        return True

    def enter(self) -> None:
        """Do what was typed."""
        buffer, window = self.buffer, self._client.windows.current
        text = buffer.text
        if not text.strip():
            buffer.reset()
            return
        buffer.cancel_completion()
        name = window.name
        if self._client.type(text):
            if self._inputs.done():
                self._inputs.result().add(name, text, self._meaning(text))
            kept = redacted(text, name)
        else:
            kept = text  # a key (Up) brings it back; what is typed next must not run into it
        if kept and kept.strip():
            buffer.history.append_string(kept)
        buffer.reset()

    def _meaning(self, text: str) -> str:
        """What a command comes to, where it is an alias."""
        return self._client.commands.meaning(self._client, text) if text[:1] == "/" else text

    def complete(self, *, backwards: bool = False) -> None:
        """Take the next candidate for the word before the cursor, or the one before."""
        buffer = self.buffer
        if not buffer.complete_state:
            buffer.start_completion(
                insert_common_part=False, select_first=not backwards, select_last=backwards
            )
        elif backwards:
            buffer.complete_previous()
        else:
            buffer.complete_next()

    def paste(self, text: str) -> None:
        """Text from the terminal's clipboard: one line goes into the prompt, several ask."""
        text = text.replace("\r\n", "\n").replace("\r", "\n").replace("\t", "    ")
        lines = text.split("\n")
        while lines and not lines[-1]:
            lines.pop()
        filled = [line for line in lines if line.strip()]
        client, buffer = self._client, self.buffer
        if not filled:
            return
        if len(lines) < client.settings.paste_lines:
            buffer.insert_text("\n".join(lines))
            return
        window, session = client.windows.current, client.session
        most = session.fits(window.name) if session else 400
        messages = sum(1 for line in filled for _ in split(line, most))

        def send() -> None:
            if window in list(client.windows):  # another may be shown meanwhile
                client.windows.show(window)
            whole = "\n".join([buffer.text + filled[0], *filled[1:]])
            # nothing pasted is a command, and what is typed before it may be one
            say = client.type if buffer.text else client.speak
            buffer.text = "" if say(whole) else whole
            buffer.cursor_position = len(buffer.text)

        self._ask(
            pasted(
                filled,
                send,
                lambda: buffer.insert_text("\n".join(filled)),
                lambda: buffer.insert_text(" ".join(line.strip() for line in filled)),
                lambda: None,
                messages,
            )
        )


def is_name(text: str) -> bool:
    """Whether a text is a command's name, as far as it is typed."""
    return text.startswith("/") and " " not in text and "\n" not in text


class TypedBefore(History):
    """The lines typed in one window, for a Buffer."""

    def __init__(self, inputs: Awaitable[Inputs], window: Callable[[], str]) -> None:
        """``inputs`` are there when they have been read, which takes time at the start."""
        super().__init__()
        self._inputs = inputs
        self._window = window
        self._lines: list[str] = []

    async def load(self) -> AsyncGenerator[str, None]:
        """The newest first, as prompt_toolkit wants it."""
        self._lines = (await self._inputs).lines(self._window())
        async for line in super().load():
            yield line

    def load_history_strings(self) -> Iterable[str]:
        """The newest first."""
        return reversed(self._lines)

    def store_string(self, string: str) -> None:
        """Nothing: the app adds to Inputs, which keeps no passwords."""


class MenuCompleter(Completer):
    """The client's candidates as prompt_toolkit's completions."""

    def __init__(self, client: Client) -> None:
        self._client = client

    def get_completions(
        self, document: Document, complete_event: CompleteEvent
    ) -> Iterable[Completion]:
        """What the word before the cursor could become; unasked, only commands."""
        if complete_event.text_inserted and not is_name(document.text):
            return  # more was typed while the menu was made
        found = candidates(document.text, document.cursor_position, self._client)
        for each in found.candidates:
            yield Completion(
                each.text,
                start_position=found.start - document.cursor_position,
                display=each.shown,
                display_meta=each.about,
            )
