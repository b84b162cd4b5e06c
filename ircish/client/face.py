"""`ircish chat`: puts a client together, with a screen or line by line, and runs it."""

from __future__ import annotations

import asyncio
import errno
import io
import logging
import time
from collections.abc import Sequence
from contextlib import redirect_stderr, redirect_stdout, suppress
from itertools import groupby
from typing import TYPE_CHECKING

import platformdirs

from ircish.arguments import Failure
from ircish.client import settings as own_settings
from ircish.client.client import Client
from ircish.client.command import Commands
from ircish.client.dialog import Choice, Dialog
from ircish.client.events import ClientEvent, Entered, Told
from ircish.client.linking import Linking
from ircish.client.place import NoPlace, Place, named
from ircish.client.plugins import Plugins, log_into
from ircish.command import Taken

if TYPE_CHECKING:
    from ircish.client.app import App
    from ircish.client.embedded import Embedded


def run(place: Place, *, plain: bool, embedded: bool) -> int:
    """Chat until it is left; the exit code. ``embedded``: bring a server along where there is
    none. Raises Failure."""
    settings = own_settings.load()
    try:
        place = named(place, settings.nick)
    except NoPlace as error:
        raise Failure(str(error)) from None
    client = Client(
        settings,
        Commands(),
        Plugins(),
        clock=time.time,
        monotonic=time.monotonic,
    )
    server = None
    if embedded:
        from ircish.client.embedded import Embedded

        server = Embedded(place.host, place.port)
    return asyncio.run((_lines if plain else _screen)(client, place, server))


ANSWERING = 1.0
"""Seconds in which a server must say what it is asked before we leave."""


def _report(client: Client, sentence: str) -> None:
    """Show what a plugin did wrong, later: it may have been while painting."""
    window = client.windows.server
    asyncio.get_running_loop().call_soon(client.show, sentence, "error", window)


async def _connect(client: Client, place: Place, server: Embedded | None) -> None:
    """Have a server, and connect to it; load the plugins meanwhile."""
    client.plugins.report = lambda sentence: _report(client, sentence)
    for error in client.settings.errors:
        client.show(error, "error", client.windows.server)
    if server:
        from ircish.client.embedded import NotStarted

        try:
            if await server.start():
                for line in server.lines():
                    client.show(line, window=client.windows.server)
                client.plugins.listen(_Greeting(client, server))
        except NotStarted as trouble:
            client.show(str(trouble), "error", client.windows.server)
    client.link.connect(place)
    await _load_plugins(client)


class _Greeting:
    """Says once, in the first channel, that the server is ours: its own window is not seen then."""

    def __init__(self, client: Client, server: Embedded) -> None:
        self._client = client
        self._text = (
            f"This is a server of your own. Others on this machine join with `ircish` or "
            f"`nc {server.host} {server.port}`; Alt-1 shows more."
        )

    def __call__(self, event: ClientEvent) -> None:
        if isinstance(event, Entered) and self._text:
            text, self._text = self._text, ""
            window = self._client.windows.find(event.channel, "channel")
            asyncio.get_running_loop().call_soon(self._client.show, text, "info", window)


async def _load_plugins(client: Client) -> None:
    """They are loaded when the screen is there: importing takes time."""
    plugins = client.plugins
    log_into(platformdirs.user_state_path("ircish", appauthor=False) / "client.log")
    for sentence in await asyncio.to_thread(plugins.load):
        plugins.report(sentence)
    for name, commands in groupby(plugins.commands(), key=lambda each: each[0]):
        try:
            client.commands.add(name, [command for _, command in commands])
        except Taken as taken:
            plugins.report(f"{taken}; the commands of plugin {name} are left out.")
    if client.session and client.arrived:
        plugins.started(client.session)
    client.face.redraw()


async def _screen(client: Client, place: Place, server: Embedded | None) -> int:
    from ircish.client.app import App
    from ircish.client.inputs import Inputs, own_file
    from ircish.client.view import View

    link = client.link = Linking(client)
    view = View(client.settings)
    view.render_hook = client.plugins.render
    inputs: asyncio.Future[Inputs] = asyncio.get_running_loop().create_future()

    async def begin() -> None:
        await _connect(client, place, server)
        inputs.set_result(Inputs(own_file() if client.settings.keep_input else None))
        if error := inputs.result().error:
            client.show(error, "error", client.windows.server)

    def painted() -> None:
        app.app.create_background_task(begin())

    app = App(client, view, inputs, painted=painted)
    client.face = app
    app.before_leaving = lambda: _before_leaving(app, client, server)
    if server:
        app.hung_up = lambda: _keep_for_others(client, server)
    # what a plugin prints must not come between the cells
    elsewhere = Printed()
    try:
        with redirect_stdout(elsewhere), redirect_stderr(elsewhere):
            return await app.run()
    except (OSError, EOFError) as error:
        if isinstance(error, OSError) and error.errno not in (errno.EIO, errno.EPIPE):
            raise
        await _keep_for_others(client, server)  # the terminal is gone
        return 1
    finally:
        await _end(client, link, server)


class Printed(io.TextIOBase):
    """Where what is printed goes while the screen is there: into the log, line by line."""

    def __init__(self) -> None:
        self._line = ""

    def write(self, text: str) -> int:
        *lines, self._line = (self._line + text).split("\n")
        for line in filter(str.strip, lines):
            logging.getLogger("ircish.client").warning("printed: %s", line)
        return len(text)


async def _lines(client: Client, place: Place, server: Embedded | None) -> int:
    from ircish.client import plain

    link = client.link = Linking(client)
    try:
        return await plain.run(
            client,
            lambda: _connect(client, place, server),
            lambda: _keep_for_others(client, server),
        )
    finally:
        await _end(client, link, server)


async def _end(client: Client, link: Linking, server: Embedded | None) -> None:
    """Leave what is still there."""
    client.goodbye()
    link.disconnect()
    await link.closed()
    if server:
        await server.stop()


async def _keep_for_others(client: Client, server: Embedded | None) -> None:
    """Let a server of ours go on where others are on it, and nobody can be asked."""
    if server and server.pid and (others := await _others(client)):
        people = "1 other person is" if others == 1 else f"{others} others are"
        end = f"kill {server.pid} ends it"
        client.show(f"The server goes on: {people} on it; {end}.", window=client.windows.server)
        server.leave_running()


async def _before_leaving(app: App, client: Client, server: Embedded | None) -> Dialog | None:
    """What has to be asked before we leave: about lines that would be lost, then about others."""
    unsent = await _unsent(client)
    if not unsent:
        return await _about_server(app, client, server)

    async def ask_on() -> None:
        if dialog := await _about_server(app, client, server):
            app.ask(dialog)
        else:
            app.end()

    def leave() -> None:
        app.app.create_background_task(ask_on())

    lines = "1 line is" if unsent == 1 else f"{unsent} lines are"
    return Dialog(
        f"{lines} not sent yet, or not confirmed. Leave?",
        (
            Choice("y", "yes, without them", leave),
            Choice("n", "no, stay here", lambda: None),
        ),
    )


async def _unsent(client: Client) -> int:
    """How many lines of ours the server does not have, after a moment for it to say so."""
    speech = client.speech
    with suppress(TimeoutError):
        async with asyncio.timeout(ANSWERING):
            while speech.unconfirmed and not speech.waiting and client.inside:
                await asyncio.sleep(0.01)
    return speech.waiting + speech.unconfirmed


async def _about_server(app: App, client: Client, server: Embedded | None) -> Dialog | None:
    """Where others are on our server: whether it should go on."""
    if server is None or server.pid is None or not (others := await _others(client)):
        return None

    def leave() -> None:
        server.leave_running()
        app.end()

    def stop() -> None:
        app.app.create_background_task(stopped())

    async def stopped() -> None:
        client.goodbye()
        await server.stop()
        app.end()

    people = "1 other person is" if others == 1 else f"{others} others are"
    return Dialog(
        f"{people} on your server. Should it go on without you?",
        (
            Choice("y", "yes, leave it running", leave),
            Choice("n", "no, stop it", stop),
            Choice("c", "stay here", lambda: None),
        ),
    )


async def _others(client: Client) -> int:
    """How many there are on the server beside us."""
    if client.session is None or not client.inside:
        return 0
    counts: list[int] = []

    def count(rows: Sequence[Told]) -> None:
        words = " ".join(row.params[-1] for row in rows if row.verb == "251").split()
        counts.append(sum(int(word) for word in words[:6] if word.isdecimal()))  # and invisible

    client.asking.gather(("251", "252", "253", "254"), ("255",), count)
    client.send("LUSERS")
    with suppress(TimeoutError):
        async with asyncio.timeout(ANSWERING):
            while not counts and client.inside:
                await asyncio.sleep(0.01)
    return max(0, sum(counts) - 1)
