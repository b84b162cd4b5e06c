"""The prompt's ties to prompt_toolkit: what was typed before, and what completes it."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Awaitable, Callable, Iterable
from typing import TYPE_CHECKING

from prompt_toolkit.completion import CompleteEvent, Completer, Completion
from prompt_toolkit.document import Document
from prompt_toolkit.history import History

from ircish.client.completing import candidates

if TYPE_CHECKING:
    from ircish.client.client import Client
    from ircish.client.inputs import Inputs


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
