"""What bots are written with, at a real server: the libraries irc, miniirc and pydle."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from programs import PATIENCE, Person, Server, wait_for

Heard = list[tuple[str, ...]]
"""What happened and who did it, and then where, to whom or what."""


def library(name: str) -> Any:
    return pytest.importorskip(name, reason=f"{name} is not installed", exc_type=ImportError)


@pytest.fixture
def irc_client() -> Any:
    return library("irc.client")


@pytest.fixture
def miniirc() -> Any:
    return library("miniirc")


@pytest.fixture
def pydle() -> Any:
    return library("pydle")


def test_the_library_irc_talks_and_comes_back(
    irc_client: Any, nc: Callable[[str], Person], server: Server
) -> None:
    ann = nc("ann")
    heard: Heard = []

    def hear(connection: Any, event: Any) -> None:
        who = getattr(event.source, "nick", str(event.source))
        heard.append((event.type, who, str(event.target), *event.arguments))

    def wait(*what: str) -> None:
        def is_there() -> bool:
            reactor.process_once(0.01)
            return what in [each[: len(what)] for each in heard]

        wait_for(is_there, lambda: f"{what} not in {heard}")

    reactor = irc_client.Reactor()
    reactor.add_global_handler("all_events", hear)
    connection = reactor.server()

    def come_in() -> None:
        heard.clear()
        connection.connect("127.0.0.1", server.port, "lib")
        wait("endofmotd")
        connection.join("#dev")
        wait("endofnames")
        ann.sees("*** lib joined #dev")

    come_in()
    connection.privmsg("#dev", "hello from a bot")
    ann.sees("<lib> hello from a bot")
    ann.types("MSG hello from nc", "MSG @lib a private word", "TOPIC #dev tea at five")
    wait("pubmsg", "ann", "#dev", "hello from nc")
    wait("privmsg", "ann", "lib", "a private word")
    wait("topic", "ann", "#dev", "tea at five")
    connection.nick("lib2")
    ann.sees("*** lib is called lib2 now")
    wait("nick", "lib", "lib2")
    ann.types("NICK anna", "KICK lib2 too loud")
    wait("nick", "ann", "anna")
    wait("kick", "anna", "#dev", "lib2", "too loud")
    connection.whois(["anna"])
    wait("endofwhois", "chat.example", "lib2", "anna")
    connection.ctcp("ACTION", "anna", "waves")
    ann.sees("*lib2* * lib2 waves")
    server.stop()
    wait("disconnect")
    server.start()
    ann = nc("ann")
    come_in()
    connection.privmsg("#dev", "here I am again")
    ann.sees("<lib> here I am again")
    connection.quit("good bye")
    ann.sees("*** lib left the chat (")
    reactor.disconnect_all()


def test_miniirc_talks_and_comes_back(
    miniirc: Any, nc: Callable[[str], Person], server: Server
) -> None:
    ann = nc("ann")
    heard: Heard = []

    def hear(irc: Any, verb: str, source: tuple[str, str, str], params: list[str]) -> None:
        heard.append((verb, source[0], *params))

    def wait(*what: str) -> None:
        wait_for(
            lambda: what in [each[: len(what)] for each in list(heard)],
            lambda: f"{what} not in {heard}",
        )

    with ThreadPoolExecutor(1) as executor:
        bot = miniirc.IRC(
            "127.0.0.1", server.port, "lib", ["#dev"],
            persist=False, auto_connect=False, executor=executor,
        )  # fmt: skip
        bot.CmdHandler(colon=False)(hear)
        bot.connect()
        ann.sees("*** lib joined #dev")
        bot.msg("#dev", "hello from a bot")
        ann.sees("<lib> hello from a bot")
        ann.types("MSG hello from nc", "MSG @lib a private word", "TOPIC #dev tea at five")
        wait("PRIVMSG", "ann", "#dev", "hello from nc")
        wait("PRIVMSG", "ann", "lib", "a private word")
        wait("TOPIC", "ann", "#dev", "tea at five")
        bot.send("NICK", "lib2")
        ann.sees("*** lib is called lib2 now")
        wait("NICK", "lib", "lib2")
        ann.types("NICK anna", "KICK lib2 too loud")
        wait("NICK", "ann", "anna")
        wait("KICK", "anna", "#dev", "lib2", "too loud")
        bot.me("anna", "waves")
        ann.sees("*lib2* * lib2 waves")
        server.stop()
        wait_for(lambda: bot.connected is None, lambda: "it does not notice that it was left")
        server.start()
        ann = nc("ann")
        bot.connect()
        ann.sees("*** lib joined #dev")
        bot.msg("#dev", "here I am again")
        ann.sees("<lib> here I am again")
        bot.send("QUIT", "good bye")
        ann.sees("*** lib left the chat (")
        bot.wait_until_disconnected()


def test_pydle_talks_and_comes_back(
    pydle: Any, nc: Callable[[str], Person], server: Server
) -> None:
    ann = nc("ann")

    class Bot(pydle.Client):  # type: ignore[misc]
        RECONNECT_ON_ERROR = False  # it gives up where the server is not there at once

        def __init__(self) -> None:
            super().__init__("lib", realname="a bot")
            self.heard: asyncio.Queue[tuple[str, ...]] = asyncio.Queue()

        async def on_connect(self) -> None:
            await super().on_connect()
            await self.join("#dev")

        async def on_channel_message(self, target: str, by: str, message: str) -> None:
            self.heard.put_nowait((target, by, message))

        async def on_private_message(self, target: str, by: str, message: str) -> None:
            self.heard.put_nowait((target, by, message))

        async def on_topic_change(self, channel: str, message: str, by: str) -> None:
            self.heard.put_nowait(("TOPIC", channel, message, by))

        async def on_nick_change(self, old: str, new: str) -> None:
            self.heard.put_nowait(("NICK", old, new))

        async def on_kick(self, channel: str, target: str, by: str, reason: str = "") -> None:
            self.heard.put_nowait(("KICK", channel, target, by, reason))

        async def on_disconnect(self, expected: bool) -> None:
            self.heard.put_nowait(("gone",))

        async def hears(self, *what: str) -> None:
            while await self.heard.get() != what:
                pass

    async def story() -> None:
        def sees(person: Person, text: str) -> Any:
            return asyncio.to_thread(person.sees, text)

        bot = Bot()
        await bot.connect("127.0.0.1", server.port)
        await sees(ann, "*** lib joined #dev")
        await bot.message("#dev", "hello from a bot")
        await sees(ann, "<lib> hello from a bot")
        ann.types("MSG hello from nc", "MSG @lib a private word", "TOPIC #dev tea at five")
        await bot.hears("#dev", "ann", "hello from nc")
        await bot.hears("lib", "ann", "a private word")
        await bot.hears("TOPIC", "#dev", "tea at five", "ann")
        assert (await bot.whois("ann"))["hostname"] == "127.0.0.1"
        await bot.set_nickname("lib2")
        await sees(ann, "*** lib is called lib2 now")
        await bot.hears("NICK", "lib", "lib2")
        ann.types("NICK anna")
        await bot.hears("NICK", "ann", "anna")
        ann.types("KICK lib2 too loud")
        await bot.hears("KICK", "#dev", "lib2", "anna", "too loud")
        await asyncio.to_thread(server.stop)
        await bot.hears("gone")
        await asyncio.to_thread(server.start)
        again = await asyncio.to_thread(nc, "ann")
        await bot.connect("127.0.0.1", server.port)
        await sees(again, " joined #dev")
        await bot.message("#dev", "here I am again")
        await sees(again, "> here I am again")
        await bot.quit("good bye")
        await sees(again, "left the chat (")

    asyncio.run(asyncio.wait_for(story(), PATIENCE * 3))
