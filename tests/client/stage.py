"""An App on a screen of pyte's, in this process: keys go in, what is shown comes out. Nothing
waits: what the loop has to do is done before a step returns, what is to be painted is painted."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyte
from person import Person
from prompt_toolkit.application import create_app_session
from prompt_toolkit.data_structures import Size
from prompt_toolkit.input import create_pipe_input
from prompt_toolkit.output import ColorDepth
from prompt_toolkit.output.vt100 import Vt100_Output
from pyte.screens import Char
from terminal import UNKNOWN, Shown, key

from ircish.client.app import App
from ircish.client.inputs import Inputs
from ircish.client.view import View

CTRL = {"c-home": "\x1b[1;5H", "c-end": "\x1b[1;5F", "s-up": "\x1b[1;2A", "s-down": "\x1b[1;2B"}
SCREENS = Path(__file__).parent / "screens"
TURNS = 12
"""Rounds of the loop in which all is done that one key or line sets off."""


class Stage:
    """Somebody's client on a terminal. ``with Stage(person) as stage: stage.press("a-1")``"""

    def __init__(self, person: Person, columns: int = 100, rows: int = 30) -> None:
        self.person = person
        self.client = person.client
        self.size = Size(rows=rows, columns=columns)
        self.shown = Shown(columns, rows, lambda answer: None)
        self.drawn = ""
        """All that was ever written."""
        self._stream = pyte.Stream(self.shown)
        self._runner = asyncio.Runner()

    def __enter__(self) -> Stage:
        self._session = create_app_session()
        self._pipe = create_pipe_input()
        self._session.__enter__()
        self.keyboard = self._pipe.__enter__()
        self._do(self._begin)
        return self

    def _begin(self) -> None:
        loop = asyncio.get_running_loop()
        self.inputs: asyncio.Future[Inputs] = loop.create_future()
        self.inputs.set_result(Inputs(None))
        view = View(self.client.settings, {"TERM": "xterm-256color", **_no_color()})
        output = Vt100_Output(
            self,  # type: ignore[arg-type]
            lambda: self.size,
            term="xterm-256color",
            default_color_depth=ColorDepth.from_env() or ColorDepth.DEPTH_8_BIT,
            enable_cpr=False,
        )
        self.app = App(self.client, view, self.inputs, input=self.keyboard, output=output)
        self.client.face = self.app
        self.task = loop.create_task(self.app.run())

    def __exit__(self, *_: object) -> None:
        try:
            if not self.task.done():
                self._do(lambda: self.app.app.exit(result=0))
            self._runner.run(asyncio.wait_for(self.task, 10))
        finally:
            self._pipe.__exit__(None, None, None)
            self._session.__exit__(None, None, None)
            self._runner.close()

    # What prompt_toolkit writes to

    def write(self, data: str) -> None:
        self.drawn += data
        self._stream.feed(UNKNOWN.sub(b"", data.encode()).decode())

    def flush(self) -> None: ...

    # Steps

    def _do(self, act: Callable[[], Any]) -> Any:
        async def step() -> Any:
            result = act()
            for _ in range(TURNS):
                await asyncio.sleep(0)
            return result

        return self._runner.run(step())

    def do(self, act: Callable[[], Any]) -> Any:
        """Something that needs the loop; what is to be seen of it is painted."""
        result = self._do(act)
        self.paint()
        return result

    def paint(self) -> None:
        def draw() -> None:
            if not self.task.done():
                self.app.refresh()
                self.app.app._redraw()

        self._do(draw)

    def press(self, *names: str) -> None:
        """Press keys, each alone, as somebody does who is not a machine."""
        for name in names:
            self.send(CTRL.get(name) or key(name))

    def type(self, text: str) -> None:
        """Write text; a newline is Enter."""
        self.send(text.replace("\n", "\r"))

    def paste(self, text: str) -> None:
        """A bracketed paste."""
        self.send(f"\x1b[200~{text}\x1b[201~")

    def send(self, data: str) -> None:
        """What a terminal sends; an Escape at its end is one alone."""
        self.keyboard.send_text(data)
        processor = self.app.app.key_processor

        def take() -> None:
            for read in (self.keyboard.read_keys, self.keyboard.flush_keys):
                processor.feed_multiple(read())
                processor.process_keys()

        self.do(lambda: self.app.app.context.copy().run(take))
        if processor.key_buffer:  # an Escape, that could be Alt
            self.until(lambda: not processor.key_buffer)
            self.paint()

    def hear(self, *lines: str) -> None:
        """The server says something."""
        self.do(lambda: self.person.hear(*lines))

    def says(self, *texts: str, nick: str = "ben", channel: str = "#dev") -> None:
        """Somebody in the channel says something."""
        self.hear(*(f":{nick}!~{nick}@host PRIVMSG {channel} :{text}" for text in texts))

    def resize(self, columns: int, rows: int) -> None:
        self.size = Size(rows=rows, columns=columns)
        self.shown.resize(rows, columns)
        self.do(self.app.app._on_resize)

    def until(self, true: Callable[[], object], patience: float = 10.0) -> None:
        """Let time pass until something is so."""

        async def wait() -> None:
            async with asyncio.timeout(patience):
                while not true():
                    await asyncio.sleep(0.002)

        self._runner.run(wait())

    # What is shown

    @property
    def rows(self) -> list[str]:
        buffer = self.shown.buffer
        columns = range(self.shown.columns)
        return [
            "".join(buffer[y][x].data for x in columns).rstrip() for y in range(self.shown.lines)
        ]

    def __str__(self) -> str:
        return "\n".join(self.rows)

    def __contains__(self, text: str) -> bool:
        return any(text in row for row in self.rows)

    @property
    def cursor(self) -> tuple[int, int]:
        """Row and column, from 0."""
        return self.shown.cursor.y, self.shown.cursor.x

    def look(self, text: str) -> Char:
        """The first cell of a text that is shown: its data, fg, bg, bold, reverse…"""
        for y, row in enumerate(self.rows):
            if (x := row.find(text)) >= 0:
                return self.shown.buffer[y][x]
        raise AssertionError(f"{text!r} is not shown:\n{self}")

    @property
    def typed(self) -> str:
        """What is in the prompt."""
        return self.app.prompt.buffer.text

    def is_like(self, name: str) -> None:
        """Compare with a screen that was read and found right: ``screens/name.txt``, the cursor's
        place under it. UPDATE_SCREENS=1 writes it anew."""
        row, column = self.cursor
        shown = f"{self}\n{'─' * self.size.columns}\ncursor {row}:{column}\n"
        file = SCREENS / f"{name}.txt"
        if os.environ.get("UPDATE_SCREENS"):
            SCREENS.mkdir(exist_ok=True)
            file.write_text(shown)
        assert shown.split("\n") == file.read_text().split("\n"), f"{name}:\n{shown}"


def talk(stage: Stage) -> None:
    """What is said on a morning, in #dev; nothing is in #tea."""
    stage.do(lambda: stage.person.come_in("#tea", "#dev"))
    stage.hear(
        ":ben!~ben@host TOPIC #dev :Release on \x02Friday\x02, see https://chat.example/plan"
    )
    stage.says("good morning", "did you see the \x0304red\x03 build?")
    stage.person.wait(60)
    stage.hear(
        ":dora!~d@host PRIVMSG #dev :\x01ACTION waves\x01",
        ":Cas!~c@host PRIVMSG #dev :ann: the log is at https://chat.example/logs/2026/11/22 — "
        "please have a look at the second half of it, where the plugins are loaded",
        ":Cas!~c@host NOTICE #dev :build 42 is green",
    )


def _no_color() -> dict[str, str]:
    return {"NO_COLOR": os.environ["NO_COLOR"]} if "NO_COLOR" in os.environ else {}
