"""The client on the whole screen: puts prompt, log, screen and keys together, is the Client's face,
runs and leaves. What is said and heard is Client's, how a line looks is View's."""

from __future__ import annotations

import asyncio
import logging
import os
import signal
import time
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Any

from prompt_toolkit.application import Application
from prompt_toolkit.cursor_shapes import CursorShape
from prompt_toolkit.data_structures import Size
from prompt_toolkit.filters import Condition
from prompt_toolkit.input.ansi_escape_sequences import ANSI_SEQUENCES
from prompt_toolkit.key_binding import KeyBindings, KeyPressEvent, merge_key_bindings
from prompt_toolkit.keys import Keys
from prompt_toolkit.styles import DynamicStyle

from ircish.client import painting
from ircish.client.actions import Actions
from ircish.client.dialog import Dialog
from ircish.client.notifying import (
    FOCUS_IN,
    FOCUS_OFF,
    FOCUS_ON,
    FOCUS_OUT,
    TITLE_BACK,
    TITLE_KEEP,
    Notifier,
    copied,
    titled,
)
from ircish.client.prompt import Prompt
from ircish.client.screen import Screen

if TYPE_CHECKING:
    from ircish.client.client import Client
    from ircish.client.inputs import Inputs
    from ircish.client.view import View

FRAME = 1 / 30
"""Seconds between two paintings of what others cause."""

LEAVING = 1.5
"""Seconds in which a server may say goodbye."""

ALT = 0.3
"""Seconds in which a key after Escape, typed by hand, is that key with Alt."""

LOOKS, LOOKS_AWAY = Keys.F23, Keys.F24
"""Keys that no keyboard has, for the terminal's focus reports (mode 1004)."""

log = logging.getLogger("ircish.client")


class App:
    """The face of a Client on a terminal."""

    def __init__(
        self,
        client: Client,
        view: View,
        inputs: asyncio.Future[Inputs],
        *,
        painted: Callable[[], None] = lambda: None,
        **terminal: Any,
    ) -> None:
        """``painted`` is called when the screen is there for the first time. ``terminal``:
        prompt_toolkit's ``input`` and ``output``, where they are not the
        process's own."""
        self.client = client
        self.view = view
        view.noise = not client.settings.noise
        self.before_leaving: Callable[[], Awaitable[Dialog | None]] | None = None
        """What has to be asked first, if anything."""
        self.hung_up: Callable[[], Awaitable[None]] | None = None
        """What has to be done first where nobody can be asked."""
        self._painted = painted
        self._dirty = False
        self._title = ""
        self.notifier = Notifier(
            client.settings, os.environ, write=self._write, clock=client.monotonic, say=client.show
        )
        self.prompt = Prompt(client, inputs, self.ask)
        self.screen = Screen(client, view, self.prompt, self._size)
        actions = Actions(client, view, self.prompt, self.screen, self._write)
        self.app: Application[int] = Application(
            layout=self.screen.layout,
            key_bindings=merge_key_bindings([actions.bindings(), self._focus_reports()]),
            style=DynamicStyle(self.screen.style),
            full_screen=True,
            mouse_support=Condition(lambda: client.settings.mouse and not view.bare),
            color_depth=None,
            cursor=CursorShape._NEVER_CHANGE,
            terminal_size_polling_interval=None,
            enable_page_navigation_bindings=False,
            **terminal,
        )
        self.app.ttimeoutlen = client.settings.escape_seconds
        self.app.before_render += lambda app: self.screen.prepare()
        self.app.after_render += lambda app: self._rendered()
        painting.install(self.app, self.screen.pane)
        client.settings.on_change(lambda name: self.redraw())

    # Face ---------------------------------------------------------------------------------------

    def changed(self) -> None:
        """Paint soon, once for all that happens meanwhile."""
        if not self._dirty:
            self._dirty = True
            asyncio.get_running_loop().call_later(FRAME, self.refresh)

    def refresh(self) -> None:
        """Paint at once."""
        self._dirty = False
        self.screen.follow()
        self._name_terminal()
        self.app.invalidate()

    def redraw(self) -> None:
        """The look has changed: forget what was painted."""
        self.view.noise = not self.client.settings.noise
        self.view.clear()
        self.app.ttimeoutlen = self.client.settings.escape_seconds
        self.app.invalidate()

    def later(self, seconds: float, call: Callable[[], None]) -> None:
        """Call back after a while."""
        asyncio.get_running_loop().call_later(seconds, call)

    def notify(self, title: str, text: str) -> None:
        """Ring, and show it where the terminal can."""
        self.notifier.notify(title, text)

    def copy(self, text: str) -> None:
        """Put a text on the terminal's clipboard."""
        self._write(copied(text, os.environ))

    def search(self, text: str = "") -> None:
        """Search the log of the window that is shown."""
        self.screen.search(text)
        self.changed()

    def ask(self, dialog: Dialog) -> None:
        """Ask a question, which keeps all keys until it is answered."""
        self.screen.dialog = dialog
        self.changed()

    # The terminal -------------------------------------------------------------------------------

    def _size(self) -> Size:
        return self.app.output.get_size()

    def _write(self, sequence: str) -> None:
        """Write to the terminal, beside what is painted."""
        if sequence:
            self.app.output.write_raw(sequence)
            self.app.output.flush()

    def _name_terminal(self) -> None:
        """The window and what is new, in the terminal's title, where that is wished."""
        if not self.client.settings.title:
            return
        windows = self.client.windows
        numbers = ",".join(str(number) for number, _ in windows.active())
        title = f"{windows.current.name} {f'({numbers}) ' if numbers else ''}- ircish"
        if title != self._title:
            self._write((TITLE_KEEP if not self._title else "") + titled(title))
            self._title = title

    def _focus_reports(self) -> KeyBindings:
        """What the terminal tells of its focus, taken as keys."""
        keys = KeyBindings()
        for sequence, key, looking in ((FOCUS_IN, LOOKS, True), (FOCUS_OUT, LOOKS_AWAY, False)):
            ANSI_SEQUENCES[sequence] = key

            def told(event: KeyPressEvent, looking: bool = looking) -> None:
                self.client.windows.look(looking)
                self.notifier.focused = looking

            keys.add(key, eager=True)(told)
        return keys

    def _rendered(self) -> None:
        # Escape ends these at once; elsewhere, it may be typed before a key as Alt.
        ends = self.prompt.buffer.complete_state or self.screen.searching
        self.app.timeoutlen = 0.01 if ends else ALT
        painted, self._painted = self._painted, lambda: None
        painted()

    # Leaving ------------------------------------------------------------------------------------

    def leave(self) -> None:
        """Ask what has to be asked, say goodbye, and end."""
        self.app.create_background_task(self._leave())

    async def _leave(self) -> None:
        dialog = await self.before_leaving() if self.before_leaving else None
        if dialog:
            self.ask(dialog)
        else:
            await self._end()

    def end(self) -> None:
        """End without asking, as soon as the server has said goodbye."""
        self.app.create_background_task(self._end())

    def _terminated(self) -> None:
        """The terminal was closed, or somebody ended us: nobody can be asked."""
        self.app.create_background_task(self._hang_up())

    async def _hang_up(self) -> None:
        if self.hung_up:
            await self.hung_up()
        await self._end()

    async def _end(self) -> None:
        deadline = time.monotonic() + LEAVING
        self.client.goodbye()
        while self.client.inside and time.monotonic() < deadline:
            await asyncio.sleep(0.01)
        if self.app.is_running and not self.app.is_done:
            self.app.exit(result=0)

    # Running ------------------------------------------------------------------------------------

    async def _clock(self) -> None:
        """The minute in the status line, and the seconds of a countdown."""
        while True:
            seconds = 1.0 if self.client.state == "waiting" else 60 - time.time() % 60
            await asyncio.sleep(min(seconds, 5.0) if self.client.state != "connected" else seconds)
            self.app.invalidate()

    def _failed(self, loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
        """A fault of ours: told in a sentence, logged, and the screen goes on."""
        error = context.get("exception")
        log.error("%s", context.get("message"), exc_info=error)
        what = type(error).__name__ if error else context.get("message")
        said = f"Something failed here ({what}); it is logged, and nothing was lost."
        if self.client.windows.server.log.last is None or (
            self.client.windows.server.log.last.text != said  # a screen that fails at each paint
        ):
            self.client.show(said, "error", self.client.windows.server)

    async def run(self) -> int:
        """Until it is left; the exit code."""
        loop = asyncio.get_running_loop()

        def begin() -> None:
            self._write(FOCUS_ON)
            self.app.create_background_task(self._clock())
            for number in (signal.SIGTERM, signal.SIGHUP):
                loop.add_signal_handler(number, self._terminated)

        loop.set_exception_handler(self._failed)
        try:
            return await self.app.run_async(
                pre_run=begin, handle_sigint=False, set_exception_handler=False
            )
        finally:
            self._write(FOCUS_OFF + (TITLE_BACK if self._title else ""))
