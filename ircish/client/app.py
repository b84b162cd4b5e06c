"""The client on the whole screen: layout, prompt, dialogs, keys. What is said and heard is
Client's, how a line looks is View's, how the log is painted is LogPane's."""

from __future__ import annotations

import asyncio
import logging
import os
import signal
import time
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Any

from prompt_toolkit.application import Application
from prompt_toolkit.application.run_in_terminal import run_in_terminal
from prompt_toolkit.buffer import Buffer
from prompt_toolkit.cursor_shapes import CursorShape
from prompt_toolkit.filters import Condition, has_completions
from prompt_toolkit.formatted_text import StyleAndTextTuples
from prompt_toolkit.input.ansi_escape_sequences import ANSI_SEQUENCES
from prompt_toolkit.key_binding import KeyBindings, KeyPressEvent, merge_key_bindings
from prompt_toolkit.keys import Keys
from prompt_toolkit.layout import (
    BufferControl,
    ConditionalContainer,
    Dimension,
    Float,
    FloatContainer,
    FormattedTextControl,
    HSplit,
    Layout,
    ScrollOffsets,
    UIContent,
    UIControl,
    VSplit,
    Window,
)
from prompt_toolkit.layout.menus import CompletionsMenu
from prompt_toolkit.layout.processors import BeforeInput
from prompt_toolkit.styles import DynamicStyle, Style
from prompt_toolkit.widgets import SearchToolbar

from ircish.client import bars, painting
from ircish.client.completing import hint
from ircish.client.dialog import Dialog, pasted
from ircish.client.fitting import split
from ircish.client.inputs import redacted
from ircish.client.keys import KEYS
from ircish.client.log import MENTION
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
from ircish.client.pane import LogPane
from ircish.client.prompting import MenuCompleter, TypedBefore, is_name
from ircish.client.windows import Window as ChatWindow
from ircish.text import printable

if TYPE_CHECKING:
    from ircish.client.client import Client
    from ircish.client.inputs import Inputs
    from ircish.client.themes import Theme
    from ircish.client.view import View

FRAME = 1 / 30
"""Seconds between two paintings of what others cause."""

NARROW = 90
"""Columns below which there is no nick list."""

PROMPT_ROWS = 6
"""Rows that a text of several lines may take."""

MENU_ROWS = 10
"""Candidates that are shown at once."""

LEAVING = 1.5
"""Seconds in which a server may say goodbye."""

ALT = 0.3
"""Seconds in which a key after Escape, typed by hand, is that key with Alt."""

LOOKS, LOOKS_AWAY = Keys.F23, Keys.F24
"""Keys that no keyboard has, for the terminal's focus reports (mode 1004)."""

STYLES = {
    "topic": "topic",
    "topic.name": "topic_name",
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


log = logging.getLogger("ircish.client.plugins")


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
        self.inputs = inputs
        self.notifier = Notifier(
            client.settings, os.environ, write=self._raw, clock=client.monotonic, say=client.show
        )
        self.dialog: Dialog | None = None
        self.before_leaving: Callable[[], Awaitable[Dialog | None]] | None = None
        """What has to be asked first, if anything."""
        self.hung_up: Callable[[], Awaitable[None]] | None = None
        """What has to be done first where nobody can be asked."""
        self._buffers: dict[ChatWindow, Buffer] = {}
        self._theme: Theme | None = None
        self._styles: Style
        self._find = Buffer(on_text_changed=self._sought, multiline=False)
        self._found: int | None = None
        self._mention: tuple[int, tuple[ChatWindow, int | None, int]] | None = None
        self._dirty = False
        self._title = ""
        self._search_bar = SearchToolbar(
            forward_search_prompt="typed: ", backward_search_prompt="typed: "
        )
        self.pane = LogPane(
            lambda: client.windows.current,
            view.rows,
            client.recall.older,
            width=self._log_width,
            mouse=Condition(lambda: client.settings.mouse),
        )
        self._prompt = Window(
            self._control(client.windows.current),
            height=self._prompt_height,
            dont_extend_height=True,
            wrap_lines=False,
            get_horizontal_scroll=lambda window: 0,  # or it would stay scrolled after a long line
            scroll_offsets=ScrollOffsets(right=8),
            style="class:input",
        )
        self._menu = Float(
            CompletionsMenu(max_height=MENU_ROWS, scroll_offset=1),
            xcursor=True,
            height=self._menu_height,
        )
        self._finder = Window(
            BufferControl(
                self._find, input_processors=[BeforeInput("search the log: ", "class:prompt")]
            ),
            height=1,
        )
        for sequence, key in ((FOCUS_IN, LOOKS), (FOCUS_OUT, LOOKS_AWAY)):
            ANSI_SEQUENCES[sequence] = key
        self.app: Application[int] = Application(
            layout=Layout(self._body(), focused_element=self._prompt),
            key_bindings=merge_key_bindings([self._keys(), self._dialog_keys()]),
            style=DynamicStyle(self._style),
            full_screen=True,
            mouse_support=Condition(lambda: client.settings.mouse and not view.bare),
            color_depth=None,
            cursor=CursorShape._NEVER_CHANGE,
            terminal_size_polling_interval=None,
            enable_page_navigation_bindings=False,
            **terminal,
        )
        self.app.ttimeoutlen = client.settings.escape_seconds
        self._painted = painted
        self.app.before_render += self._prepare
        self.app.after_render += self._rendered
        painting.install(self.app, self.pane)
        client.settings.on_change(lambda name: self.redraw())

    # Layout -------------------------------------------------------------------------------------

    def _body(self) -> FloatContainer:
        framed = Condition(lambda: not self.view.bare)
        hinted = Condition(lambda: bool(self._hint()))
        asking = Condition(lambda: self.dialog is not None)
        finding = Condition(lambda: self.app.layout.has_focus(self._finder))

        def bar(text: Callable[[], StyleAndTextTuples], style: str) -> Window:
            return Window(FormattedTextControl(text), height=1, style=style, wrap_lines=False)

        topic = bar(lambda: list(bars.topic(self.client)), "class:topic")
        nicks = VSplit(
            [
                Window(width=1, char="│", style="class:border"),
                Window(
                    NickList(self.client, self.view),
                    width=lambda: Dimension.exact(self.client.settings.nick_list_width),
                ),
            ]
        )
        return FloatContainer(
            HSplit(
                [
                    ConditionalContainer(topic, framed),
                    VSplit(
                        [
                            self.pane,
                            ConditionalContainer(nicks, Condition(self._nicks_shown)),
                        ]
                    ),
                    bar(self._status, "class:status"),
                    ConditionalContainer(self._finder, finding),
                    ConditionalContainer(self._prompt, ~finding),
                    self._search_bar,
                    ConditionalContainer(bar(self._hint, "class:hint"), hinted),
                ]
            ),
            floats=[
                self._menu,
                Float(
                    ConditionalContainer(
                        Window(
                            FormattedTextControl(self._question),
                            style="class:dialog",
                            dont_extend_height=True,
                            dont_extend_width=True,
                            wrap_lines=True,
                        ),
                        asking,
                    ),
                    bottom=3,
                ),
            ],
        )

    @property
    def columns(self) -> int:
        """The width of the terminal."""
        return self.app.output.get_size().columns

    def _nicks_shown(self) -> bool:
        return (
            self.client.settings.nick_list
            and not self.view.bare
            and self.client.windows.current.kind == "channel"
            and self.columns >= NARROW
        )

    def _log_width(self) -> Dimension:
        beside = self.client.settings.nick_list_width + 1 if self._nicks_shown() else 0
        return Dimension.exact(self.columns - beside)

    def _prompt_height(self) -> Dimension:
        rows = self.buffer.document.line_count
        return Dimension.exact(max(1, min(rows, PROMPT_ROWS)))

    def _prepare(self, app: object) -> None:
        """What is shown takes the keys, and the menu is above status and hint, which tell
        something."""
        self.shown()
        self._menu.bottom = self._prompt_height().preferred + bool(self._hint()) + 1

    def _menu_height(self) -> int:
        state = self.buffer.complete_state
        room = self.app.output.get_size().rows - (self._menu.bottom or 0)
        return max(0, min(MENU_ROWS, room, len(state.completions) if state else 0))

    def _hint(self) -> StyleAndTextTuples:
        if not self.client.settings.hints or self.dialog:
            return []
        before, current, after, about = hint(self.buffer.text, self.client)
        if not (before or current or after or about):
            return []
        return [
            ("class:hint", before),
            ("class:hint.name", current),
            ("class:hint", after),
            ("class:hint", f" — {about}" if about and (before or current) else about),
        ]

    def _question(self) -> StyleAndTextTuples:
        if self.dialog is None:
            return []
        lines = self.dialog.question.split("\n")
        pieces: StyleAndTextTuples = [("", "".join(f" {line} \n" for line in lines))]
        for choice in self.dialog.choices:
            pieces += [("class:dialog.key", f" [{choice.key}]"), ("", f" {choice.does} ")]
        return pieces

    def _status(self) -> StyleAndTextTuples:
        hidden = "bare: Alt-L" if self.view.bare else "no joins: Alt-=" if self.view.noise else ""
        return list(bars.status(self.client, hidden))

    def _style(self) -> Style:
        """The theme's styles under the names that the layout uses; made anew with the theme."""
        theme = self.view.theme
        if theme is not self._theme:
            self._theme = theme
            self._styles = Style.from_dict(
                {name: self.view.style(each) for name, each in STYLES.items()}
            )
        return self._styles

    # The prompt ---------------------------------------------------------------------------------

    @property
    def buffer(self) -> Buffer:
        """What is typed in the window that is shown."""
        window = self.client.windows.current
        if window not in self._buffers:
            self._buffers[window] = Buffer(
                history=TypedBefore(self.inputs, lambda: window.name),
                completer=MenuCompleter(self.client),
                complete_while_typing=Condition(lambda: is_name(self.buffer.text)),
                enable_history_search=False,
                multiline=True,
            )
        return self._buffers[window]

    def _control(self, window: ChatWindow) -> BufferControl:
        return BufferControl(
            self.buffer,
            input_processors=[BeforeInput(lambda: list(bars.prompt(self.client)))],
            search_buffer_control=self._search_bar.control,
            focus_on_click=True,
        )

    def shown(self) -> None:
        """Another window may be shown: its prompt is its own."""
        control = self._prompt.content
        if isinstance(control, BufferControl) and control.buffer is not self.buffer:
            self._prompt.content = self._control(self.client.windows.current)
            if not self.app.layout.has_focus(self._finder):
                self.app.layout.focus(self._prompt)
            for window in set(self._buffers) - set(self.client.windows):
                del self._buffers[window]

    def enter(self) -> None:
        """Do what was typed."""
        buffer, window = self.buffer, self.client.windows.current
        text = buffer.text
        if not text.strip():
            buffer.reset()
            return
        buffer.cancel_completion()
        name = window.name
        if self.client.type(text):
            if self.inputs.done():
                self.inputs.result().add(name, text, self._meaning(text))
            if (kept := redacted(text, name)) and kept.strip():
                buffer.history.append_string(kept)
            buffer.reset()
        self.shown()

    def _meaning(self, text: str) -> str:
        """What a command comes to, where it is an alias."""
        return self.client.commands.meaning(self.client, text) if text[:1] == "/" else text

    def paste(self, text: str) -> None:
        """Text from the terminal's clipboard: one line goes into the prompt, several ask."""
        text = text.replace("\r\n", "\n").replace("\r", "\n").replace("\t", "    ")
        lines = text.split("\n")
        while lines and not lines[-1]:
            lines.pop()
        filled = [line for line in lines if line.strip()]
        buffer = self.buffer
        if not filled:
            return
        if len(lines) < self.client.settings.paste_lines:
            buffer.insert_text("\n".join(lines))
            return
        session = self.client.session
        most = session.fits(self.client.windows.current.name) if session else 400
        messages = sum(1 for line in filled for _ in split(line, most))

        window = self.client.windows.current

        def send() -> None:
            if window in list(self.client.windows):  # another may be shown meanwhile
                self._go(window)
            whole = "\n".join([buffer.text + filled[0], *filled[1:]])
            is_said = not buffer.text and whole[0] == "/"  # nothing pasted is a command
            buffer.text = "" if self.client.type(f"/{whole}" if is_said else whole) else whole
            buffer.cursor_position = len(buffer.text)

        self.ask(
            pasted(
                filled,
                send,
                lambda: buffer.insert_text("\n".join(filled)),
                lambda: buffer.insert_text(" ".join(line.strip() for line in filled)),
                lambda: None,
                messages,
            )
        )

    # Asking -------------------------------------------------------------------------------------

    def ask(self, dialog: Dialog) -> None:
        """Ask a question, which keeps all keys until it is answered."""
        self.dialog = dialog
        self.changed()

    def _dialog_keys(self) -> KeyBindings:
        keys = KeyBindings()
        asking = Condition(lambda: self.dialog is not None)

        def answered(event: KeyPressEvent) -> None:
            dialog = self.dialog
            assert dialog is not None
            coming = event.app.key_processor.input_queue
            if event.key_sequence[0].key is Keys.Escape and coming:
                coming.popleft()  # it was Alt, and this the key
            elif event.key_sequence[0].key in (Keys.Escape, Keys.ControlC):
                self.dialog = None
                dialog.cancel()
            elif any(choice.key == event.data.lower() for choice in dialog.choices):
                self.dialog = None
                dialog.press(event.data)

        for key in (
            Keys.Any,
            Keys.Escape,
            Keys.ControlC,
            Keys.Enter,
            Keys.Tab,
            Keys.BracketedPaste,
        ):
            keys.add(key, filter=asking, eager=True)(answered)
        return keys

    # Keys ---------------------------------------------------------------------------------------

    def _keys(self) -> KeyBindings:
        keys = KeyBindings()
        typing = Condition(lambda: self.app.layout.has_focus(self._prompt))
        finding = Condition(lambda: self.app.layout.has_focus(self._finder))
        for key in KEYS:
            act = getattr(self, f"_{key.action}", None)
            for sequence in key.sequences:
                where = finding if key.action == "" else ~Condition(lambda: self.dialog is not None)
                if key.action == "recall":
                    where = typing
                keys.add(*sequence.split(" "), filter=where)(_bound(act, sequence))
        keys.add("enter", filter=typing)(lambda event: self.enter())
        keys.add("enter", filter=finding)(lambda event: self._seek(older=True))
        keys.add("escape", filter=finding)(lambda event: self._end_find())
        keys.add("up", filter=finding)(lambda event: self._seek(older=True))
        keys.add("down", filter=finding)(lambda event: self._seek(older=False))
        keys.add("escape", filter=typing & has_completions)(
            lambda event: self.buffer.cancel_completion()
        )
        keys.add(Keys.BracketedPaste, filter=typing)(lambda event: self.paste(event.data))
        keys.add(Keys.BracketedPaste, filter=finding)(
            lambda event: self._find.insert_text(" ".join(event.data.split()))
        )
        keys.add(LOOKS, eager=True)(lambda event: self._look(True))
        keys.add(LOOKS_AWAY, eager=True)(lambda event: self._look(False))
        return keys

    def _look(self, looking: bool) -> None:
        self.client.windows.look(looking)
        self.notifier.focused = looking

    def _go(self, window: ChatWindow) -> None:
        self.client.windows.show(window)
        self.shown()

    def _go_to_number(self, sequence: str) -> None:
        number = int(sequence[-1]) or 10
        if number <= len(self.client.windows):
            self._go(self.client.windows[number])

    def _go_next(self, sequence: str) -> None:
        self._turn(1)

    def _go_back(self, sequence: str) -> None:
        self._turn(-1)

    def _turn(self, by: int) -> None:
        windows = self.client.windows
        self._go(windows[(windows.number(windows.current) - 1 + by) % len(windows) + 1])

    def _go_active(self, sequence: str) -> None:
        if active := self.client.windows.active():
            self._go(active[0][1])

    def _go_before(self, sequence: str) -> None:
        self._go(self.client.windows.before)

    def _page(self, sequence: str) -> None:
        self.pane.page(-1 if sequence == "pageup" else 1)

    def _step(self, sequence: str) -> None:
        self.pane.scroll(-1 if sequence == "s-up" else 1)

    def _far(self, sequence: str) -> None:
        if sequence.endswith("home"):
            self.pane.home()
        else:
            self.pane.bottom()

    def _go_unread(self, sequence: str) -> None:
        if (unread := self.client.windows.current.unread) is not None:
            self.pane.to(unread)

    def _go_mention(self, sequence: str) -> None:
        window = self.client.windows.current
        end = window.log.end if window.anchor is None else window.anchor + 1
        start = self._mention_shown(window)
        for number in range((end if start is None else start) - 1, window.log.first - 1, -1):
            if window.log[number].flags & MENTION:
                self._show_mention(window, number)
                return
        self.client.recall.older(window)

    def _go_mention_or_nicks(self, sequence: str) -> None:
        window = self.client.windows.current
        start = self._mention_shown(window)
        if start is None and window.anchor is None:
            self.client.settings.put("nick_list", not self.client.settings.nick_list)
            return
        bottom = window.log.end if window.anchor is None else window.anchor
        for number in range((bottom if start is None else start) + 1, window.log.end):
            if window.log[number].flags & MENTION:
                self._show_mention(window, number)
                return
        self._mention = None
        self.pane.bottom()

    def _show_mention(self, window: ChatWindow, number: int) -> None:
        self.pane.to(number)
        self._mention = number, (window, window.anchor, window.hidden)

    def _mention_shown(self, window: ChatWindow) -> int | None:
        """The mention that was gone to, as long as the view is there."""
        if self._mention and self._mention[1] == (window, window.anchor, window.hidden):
            return self._mention[0]
        return None

    def _complete(self, sequence: str) -> None:
        buffer = self.buffer
        if buffer.complete_state:
            (buffer.complete_next if sequence == "tab" else buffer.complete_previous)()
        else:
            buffer.start_completion(
                insert_common_part=False,
                select_first=sequence == "tab",
                select_last=sequence != "tab",
            )

    def _recall(self, sequence: str) -> None:
        (self.buffer.auto_up if sequence == "up" else self.buffer.auto_down)()

    def _new_line(self, sequence: str) -> None:
        self.buffer.insert_text("\n")

    def _toggle_bare(self, sequence: str) -> None:
        self.view.bare = not self.view.bare
        self.redraw()

    def _toggle_mouse(self, sequence: str) -> None:
        self.client.settings.put("mouse", not self.client.settings.mouse)

    def _toggle_noise(self, sequence: str) -> None:
        self.client.settings.put("noise", not self.client.settings.noise)

    def _repaint(self, sequence: str) -> None:
        self.redraw()
        self.app.renderer.clear()

    def _suspend(self, sequence: str) -> None:
        if not hasattr(signal, "SIGTSTP"):
            return

        def stop() -> None:
            os.kill(os.getpid(), signal.SIGTSTP)

        async def away() -> None:
            self._raw(FOCUS_OFF)
            await run_in_terminal(stop)
            self._raw(FOCUS_ON)
            self.app.renderer.clear()

        self.app.create_background_task(away())

    def _interrupt(self, sequence: str) -> None:
        if self.app.layout.has_focus(self._finder):
            self._end_find()
        elif self.buffer.text and sequence == "c-c":
            self.buffer.reset()
        elif self.buffer.text:
            self.buffer.delete()
        else:
            self.client.show("/quit leaves.")

    # Searching ----------------------------------------------------------------------------------

    def search(self, text: str = "") -> None:
        """Search the log of the window that is shown."""
        self.app.layout.focus(self._finder)
        self._found = None
        self._find.text = text
        self._find.cursor_position = len(text)
        self.changed()

    def _find_log(self, sequence: str) -> None:
        if self.app.layout.has_focus(self._finder):
            self._seek(older=True)
        else:
            self.search()

    def _sought(self, buffer: Buffer) -> None:
        self.view.hits = buffer.text
        self._found = None
        if buffer.text:
            self._seek(older=True)

    def _seek(self, *, older: bool) -> None:
        window, wanted = self.client.windows.current, self._find.text.casefold()
        if not wanted:
            return
        log = window.log
        start = self._found if self._found is not None else (log.end if older else log.first - 1)
        numbers = range(start - 1, log.first - 1, -1) if older else range(start + 1, log.end)
        for number in numbers:
            entry = log[number]
            if wanted in entry.text.casefold() or wanted in entry.nick.casefold():
                self._found = number
                self.pane.to(number)
                return
        if older:
            self.client.recall.older(window)

    def _end_find(self) -> None:
        self.view.hits = ""
        self._find.reset()
        self.app.layout.focus(self._prompt)

    # Face ---------------------------------------------------------------------------------------

    def changed(self) -> None:
        """Paint soon, once for all that happens meanwhile."""
        if not self._dirty:
            self._dirty = True
            asyncio.get_running_loop().call_later(FRAME, self._refresh)

    def _refresh(self) -> None:
        self._dirty = False
        self.shown()
        self._name_terminal()
        self.app.invalidate()

    def _name_terminal(self) -> None:
        """The window and what is new, in the terminal's title, where that is wished."""
        if not self.client.settings.title:
            return
        windows = self.client.windows
        numbers = ",".join(str(number) for number, _ in windows.active())
        title = f"{windows.current.name} {f'({numbers}) ' if numbers else ''}- ircish"
        if title != self._title:
            self._raw((TITLE_KEEP if not self._title else "") + titled(title))
            self._title = title

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
        self._raw(copied(text, os.environ))

    def urls(self) -> list[str]:
        """The addresses in the window that is shown, newest first."""
        return self.view.urls(self.client.windows.current)

    def _raw(self, sequence: str) -> None:
        if sequence:
            self.app.output.write_raw(sequence)
            self.app.output.flush()

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

    def _rendered(self, app: object) -> None:
        # Escape ends these at once; elsewhere, it may be typed before a key as Alt.
        ends = self.buffer.complete_state or self.app.layout.has_focus(self._finder)
        self.app.timeoutlen = 0.01 if ends else ALT
        painted, self._painted = self._painted, lambda: None
        painted()

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
            self._raw(FOCUS_ON)
            self.app.create_background_task(self._clock())
            for number in (signal.SIGTERM, signal.SIGHUP):
                loop.add_signal_handler(number, self._terminated)

        loop.set_exception_handler(self._failed)
        try:
            return await self.app.run_async(
                pre_run=begin, handle_sigint=False, set_exception_handler=False
            )
        finally:
            self._raw(FOCUS_OFF + (TITLE_BACK if self._title else ""))


def _bound(act: Callable[[str], None] | None, sequence: str) -> Callable[[KeyPressEvent], None]:
    def handle(event: KeyPressEvent) -> None:
        if act:
            act(sequence)

    return handle


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
