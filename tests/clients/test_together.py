"""irssi, WeeChat, a bot and a person at nc in one channel: each reads what each other does."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from clients_in_tmux import Irssi, WeeChat
from programs import Person, Server, wait_for


def test_irssi_weechat_and_a_person_at_nc_talk(
    irssi: Irssi, weechat: WeeChat, nc: Callable[[str], Person]
) -> None:
    ann = nc("ann")
    irssi.types("hello from irssi")
    weechat.sees(r"ian \| hello from irssi")
    weechat.types("hello from weechat — “ünï” 🍵")
    irssi.sees("< wes> hello from weechat — “ünï” 🍵")
    ann.sees("<ian> hello from irssi")
    ann.sees("<wes> hello from weechat — “ünï” 🍵")
    irssi.types("/msg wes psst")
    weechat.sees(r"\[H: .*:ian")
    weechat.types("/buffer ian")
    weechat.sees(r"ian \| psst")
    weechat.types("psst yourself", "/buffer #dev")
    irssi.sees("wes.* psst yourself")


def test_a_bot_talks_with_irssi_and_weechat(irssi: Irssi, weechat: WeeChat, server: Server) -> None:
    miniirc = pytest.importorskip("miniirc", reason="the library miniirc is not installed")
    heard: list[tuple[str, str]] = []
    bot = miniirc.IRC("127.0.0.1", server.port, "bot", ["#dev"], persist=False, auto_connect=False)
    bot.Handler("PRIVMSG", colon=False)(
        lambda _, source, params: heard.append((source[0], params[-1]))
    )
    bot.connect()
    irssi.sees(r"bot \[.*\] has joined #dev")
    weechat.sees(r"bot \(.*\) has joined #dev")
    irssi.types("bot: hello")
    weechat.types("bot: hi")
    wait_for(lambda: len(heard) == 2, lambda: f"the bot has heard {heard}")
    assert sorted(heard) == [("ian", "bot: hello"), ("wes", "bot: hi")]
    bot.msg("#dev", "hello, both of you")
    irssi.sees("< bot> hello, both of you")
    weechat.sees(r"bot \| hello, both of you")
    bot.send("QUIT", "good bye")
    irssi.sees(r"bot \[.*\] has quit \[.*good bye\]")
    bot.wait_until_disconnected()


def test_irssi_and_weechat_see_each_others_nicks_topics_and_kicks(
    irssi: Irssi, weechat: WeeChat
) -> None:
    irssi.types("/nick ian2", "/topic tea at five", "/op wes")
    weechat.sees("ian is now known as ian2")
    weechat.sees('ian2 has changed topic for #dev to "tea at five"')
    weechat.sees(r"Mode #dev \[\+o wes\] by ian2")
    weechat.types("/nick wes2", "/topic coffee at six")
    irssi.sees("wes is now known as wes2")
    irssi.sees("wes2 changed the topic of #dev to: coffee at six")
    weechat.types("/away at lunch")
    weechat.sees("(?i)you have been marked as being away")
    irssi.types("/clear", "/whois wes2")
    irssi.sees("away +: at lunch")
    weechat.types("/kick ian2 too loud")
    irssi.sees(r"ian2 was kicked from #dev by wes2 \[too loud\]")
    irssi.types("/join #dev", "/quit good bye")
    weechat.sees(r"(?s)kicked ian2.*ian2 \(.*\) has joined #dev")
    weechat.sees(r"ian2 \(.*\) has quit \(.*good bye\)")
