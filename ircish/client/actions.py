"""What the keys do: a method for each row of keys.KEYS, and the keys of prompt, search and
dialogs."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable
from typing import TYPE_CHECKING

from prompt_toolkit.application.run_in_terminal import run_in_terminal
from prompt_toolkit.filters import Condition, has_completions
from prompt_toolkit.key_binding import KeyBindings, KeyPressEvent
from prompt_toolkit.keys import Keys

from ircish.client.keys import KEYS
from ircish.client.notifying import FOCUS_OFF, FOCUS_ON

if TYPE_CHECKING:
    from ircish.client.client import Client
    from ircish.client.prompt import Prompt
    from ircish.client.screen import Screen
    from ircish.client.view import View
    from ircish.client.windows import Window

Action = Callable[[KeyPressEvent], None]


class Actions:
    """The keys on a Screen, and what they do."""

    def __init__(
        self,
        client: Client,
        view: View,
        prompt: Prompt,
        screen: Screen,
        write: Callable[[str], None],
    ) -> None:
        """``write`` writes to the terminal, at once."""
        self._client = client
        self._view = view
        self._prompt = prompt
        self._pane = screen.pane
        self._finding = screen.finding
        self._screen = screen
        self._write = write
        self._actions: dict[str, Action] = {
            "go_to_number": self.go_to_number,
            "go_next": self.go_next,
            "go_back": self.go_back,
            "go_active": self.go_active,
            "go_before": self.go_before,
            "page": self.page,
            "step": self.step,
            "far": self.far,
            "go_unread": self.go_unread,
            "go_mention": self.go_mention,
            "go_mention_or_nicks": self.go_mention_or_nicks,
            "find_log": self.find_log,
            "complete": self.complete,
            "recall": self.recall,
            "new_line": self.new_line,
            "toggle_bare": self.toggle_bare,
            "toggle_mouse": self.toggle_mouse,
            "toggle_noise": self.toggle_noise,
            "repaint": self.repaint,
            "suspend": self.suspend,
            "interrupt": self.interrupt,
        }

    def bindings(self) -> KeyBindings:
        """All keys. Raises KeyError where the table of keys names what is not done here."""
        keys, screen = KeyBindings(), self._screen
        typing = Condition(lambda: screen.typing)
        searching = Condition(lambda: screen.searching)
        asking = Condition(lambda: screen.dialog is not None)
        for key in KEYS:
            for sequence in key.sequences:
                where = typing if key.action == "recall" else ~asking
                keys.add(*sequence.split(" "), filter=where)(self._actions[key.action])
        keys.add("enter", filter=typing)(self._enter)
        keys.add("escape", filter=typing & has_completions)(self._close_menu)
        keys.add(Keys.BracketedPaste, filter=typing)(self._paste)
        keys.add("enter", filter=searching)(self._seek_older)
        keys.add("up", filter=searching)(self._seek_older)
        keys.add("down", filter=searching)(self._seek_newer)
        keys.add("escape", filter=searching)(self._end_search)
        keys.add(Keys.BracketedPaste, filter=searching)(self._paste_wanted)
        for answer in (
            Keys.Any,
            Keys.Escape,
            Keys.ControlC,
            Keys.Enter,
            Keys.Tab,
            Keys.BracketedPaste,
        ):
            keys.add(answer, filter=asking, eager=True)(self._answer)
        return keys

    # Windows ------------------------------------------------------------------------------------

    def _go(self, window: Window) -> None:
        self._client.windows.show(window)
        self._screen.follow()

    def _turn(self, by: int) -> None:
        windows = self._client.windows
        self._go(windows[(windows.number(windows.current) - 1 + by) % len(windows) + 1])

    def go_to_number(self, event: KeyPressEvent) -> None:
        number = int(_last(event)) or 10
        if number <= len(self._client.windows):
            self._go(self._client.windows[number])

    def go_next(self, event: KeyPressEvent) -> None:
        self._turn(1)

    def go_back(self, event: KeyPressEvent) -> None:
        self._turn(-1)

    def go_active(self, event: KeyPressEvent) -> None:
        if active := self._client.windows.active():
            self._go(active[0][1])

    def go_before(self, event: KeyPressEvent) -> None:
        self._go(self._client.windows.before)

    # The log ------------------------------------------------------------------------------------

    def page(self, event: KeyPressEvent) -> None:
        self._pane.page(-1 if _last(event) == Keys.PageUp else 1)

    def step(self, event: KeyPressEvent) -> None:
        self._pane.scroll(-1 if _last(event) == Keys.ShiftUp else 1)

    def far(self, event: KeyPressEvent) -> None:
        if _last(event) in (Keys.Home, Keys.ControlHome):
            self._pane.home()
        else:
            self._pane.bottom()

    def go_unread(self, event: KeyPressEvent) -> None:
        if (unread := self._client.windows.current.unread) is not None:
            self._pane.to(unread)

    def go_mention(self, event: KeyPressEvent) -> None:
        self._finding.mention_before()

    def go_mention_or_nicks(self, event: KeyPressEvent) -> None:
        if not self._finding.mention_after():
            self._toggle("nick_list", self._client.settings.nick_list)

    def find_log(self, event: KeyPressEvent) -> None:
        if self._screen.searching:
            self._finding.seek(older=True)
        else:
            self._screen.search()

    def _seek_older(self, event: KeyPressEvent) -> None:
        self._finding.seek(older=True)

    def _seek_newer(self, event: KeyPressEvent) -> None:
        self._finding.seek(older=False)

    def _end_search(self, event: KeyPressEvent) -> None:
        self._screen.end_search()

    def _paste_wanted(self, event: KeyPressEvent) -> None:
        self._finding.insert(event.data)

    # The prompt ---------------------------------------------------------------------------------

    def complete(self, event: KeyPressEvent) -> None:
        self._prompt.complete(backwards=_last(event) == Keys.BackTab)

    def recall(self, event: KeyPressEvent) -> None:
        if _last(event) == Keys.Up:
            self._prompt.buffer.auto_up()
        else:
            self._prompt.buffer.auto_down()

    def new_line(self, event: KeyPressEvent) -> None:
        self._prompt.buffer.insert_text("\n")

    def _enter(self, event: KeyPressEvent) -> None:
        self._prompt.enter()
        self._screen.follow()

    def _close_menu(self, event: KeyPressEvent) -> None:
        self._prompt.buffer.cancel_completion()

    def _paste(self, event: KeyPressEvent) -> None:
        self._prompt.paste(event.data)

    def interrupt(self, event: KeyPressEvent) -> None:
        buffer = self._prompt.buffer
        if self._screen.searching:
            self._screen.end_search()
        elif not buffer.text:
            self._client.show("/quit leaves.")
        elif _last(event) == Keys.ControlC:
            buffer.reset()
        else:
            buffer.delete()

    # Dialogs ------------------------------------------------------------------------------------

    def _answer(self, event: KeyPressEvent) -> None:
        screen, dialog = self._screen, self._screen.dialog
        assert dialog is not None
        coming = event.app.key_processor.input_queue
        if _last(event) == Keys.Escape and coming:
            coming.popleft()  # it was Alt, and this the key
        elif _last(event) in (Keys.Escape, Keys.ControlC):
            screen.dialog = None
            dialog.cancel()
        elif dialog.knows(event.data):
            screen.dialog = None
            dialog.press(event.data)
        screen.follow()

    # The look -----------------------------------------------------------------------------------

    def _toggle(self, setting: str, is_on: bool) -> None:
        self._client.settings.put(setting, not is_on)

    def toggle_bare(self, event: KeyPressEvent) -> None:
        self._view.bare = not self._view.bare
        self._client.face.redraw()

    def toggle_mouse(self, event: KeyPressEvent) -> None:
        self._toggle("mouse", self._client.settings.mouse)

    def toggle_noise(self, event: KeyPressEvent) -> None:
        self._toggle("noise", self._client.settings.noise)

    def repaint(self, event: KeyPressEvent) -> None:
        renderer = event.app.renderer
        # Not renderer.clear(), which leaves the alternate screen: the shell would be seen.
        renderer.erase(leave_alternate_screen=False)
        renderer.output.erase_screen()
        renderer.output.cursor_goto(0, 0)
        self._client.face.redraw()

    def suspend(self, event: KeyPressEvent) -> None:
        if not hasattr(signal, "SIGTSTP"):
            return

        def stop() -> None:
            os.kill(os.getpid(), signal.SIGTSTP)

        async def away() -> None:
            self._write(FOCUS_OFF)
            await run_in_terminal(stop)  # it paints all anew
            self._write(FOCUS_ON)

        event.app.create_background_task(away())


def _last(event: KeyPressEvent) -> Keys | str:
    """The key that was pressed, without the Escape that Alt sends before it."""
    return event.key_sequence[-1].key
