"""irssi at a real server: what its user does, and what its user then reads."""

from __future__ import annotations

import socket
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

from clients_in_tmux import Irssi
from fake_irc import FakeServer
from programs import Person, Server, need


def test_irssi_talks_with_a_person_at_nc(irssi: Irssi, nc: Callable[[str], Person]) -> None:
    ann = nc("ann")
    irssi.sees(r"ann \[.*\] has joined #dev")
    irssi.types("hello from irssi", "/me waves", "/notice #dev listen")
    ann.sees("<ian> hello from irssi")
    ann.sees("* ian waves")
    ann.sees("-ian- listen")
    ann.types("MSG hello from nc", "ME nods", "MSG @ian a private word")
    irssi.sees(r"<.ann> hello from nc")
    irssi.sees(r"\* ann nods")
    irssi.sees("ann.* a private word")
    irssi.types("/msg ann and one back", "/ctcp ann VERSION")
    ann.sees("*ian* and one back")
    ann.sees("*ian* (asks your program for VERSION)")
    irssi.types("/part #dev so long")
    ann.sees("*** ian left #dev (so long)")
    irssi.types("/join #dev", "/quit good bye")
    ann.sees("*** ian joined #dev")
    ann.sees("*** ian left the chat (")
    ann.sees("good bye")


def test_irssi_and_a_person_at_nc_change_their_nicks(
    irssi: Irssi, nc: Callable[[str], Person]
) -> None:
    ann = nc("ann")
    irssi.types("/nick ian2")
    irssi.sees("You're now known as ian2")
    ann.sees("*** ian is called ian2 now")
    ann.types("NICK anna")
    irssi.sees("ann is now known as anna")
    irssi.types("/nick anna")
    irssi.sees("Nick anna is already in use")
    irssi.types("/nick no/slash")
    irssi.sees("no/slash Erroneous nickname")


def test_irssi_takes_another_nick_where_its_own_is_taken(
    nc: Callable[[str], Person], server: Server, tmp_path: Path
) -> None:
    need("tmux", "irssi")
    ian = nc("ian")
    with closing(Irssi(tmp_path / "irssi", server.port, "ian")) as irssi:
        ian.sees("*** ian_ joined #dev")
        irssi.types("hello")
        ian.sees("<ian_> hello")


def test_irssi_changes_the_topic_and_asks_for_it(irssi: Irssi, nc: Callable[[str], Person]) -> None:
    ann = nc("ann")
    irssi.types("/topic tea at five")
    irssi.sees("ian changed the topic of #dev to: tea at five")
    ann.sees("*** ian set the topic of #dev: tea at five")
    irssi.types("/clear", "/topic")
    irssi.sees("Topic for #dev: tea at five")
    irssi.sees("Topic set by ian")
    irssi.types("/topic -delete")
    irssi.sees("Topic unset by ian on #dev")
    ann.sees("*** ian removed the topic of #dev")


def test_irssi_kicks_and_is_kicked(irssi: Irssi, nc: Callable[[str], Person]) -> None:
    ann = nc("ann")
    irssi.types("/kick ann too loud")
    irssi.sees(r"ann was kicked from #dev by ian \[too loud\]")
    ann.sees("was put out of #dev by ian (too loud)")
    ann.types("JOIN #dev")
    irssi.sees(r"ann \[.*\] has joined #dev")
    irssi.types("/op ann")
    irssi.sees(r"mode/#dev \[\+o ann\] by ian")
    ann.sees("*** ian made ann an operator of #dev")
    ann.types("KICK ian your turn")
    irssi.sees(r"ian was kicked from #dev by ann \[your turn\]")


def test_irssi_bans_invites_and_sets_modes(irssi: Irssi, nc: Callable[[str], Person]) -> None:
    ann = nc("ann")
    irssi.sees("ann .* has joined")
    irssi.types("/ban mallory!*@*", "/ban")
    irssi.sees(r"mode/#dev \[\+b mallory!\*@\*\] by ian")
    irssi.sees(r"1 - #dev: ban mallory!\*@\* \[by ian.*, [0-9]+ secs ago\]")
    irssi.types("/unban 1")
    irssi.sees(r"mode/#dev \[-b mallory!\*@\*\] by ian")
    irssi.types("/clear", "/ban")
    irssi.sees("(No bans in|#dev End of) channel")
    irssi.types("/voice ann")
    irssi.sees(r"mode/#dev \[\+v ann\] by ian")
    irssi.types("/clear", "/mode #dev +ikl secret 10", "/mode #dev")
    irssi.sees(r"mode/#dev \[\+[ikl]{3} .*\] by ian")
    irssi.sees(r"mode/#dev \[\+[ikntl]+ .*\]\n")
    irssi.types("/mode #dev +e zed!*@*", "/mode #dev e", "/mode #dev +I zed!*@*", "/mode #dev I")
    irssi.sees(r"#dev: ban exception zed!\*@\* \[by ian")
    irssi.sees(r"#dev: invite zed!\*@\* \[by ian")
    ann.types("PART #dev")
    irssi.sees("ann .* has left #dev")
    irssi.types("/invite ann")
    irssi.sees("Inviting ann to #dev")
    ann.sees("*** ian asks you into #dev.")
    ann.types("JOIN #dev")
    irssi.sees("(?s)has left #dev.*ann .* has joined #dev")
    irssi.types("/knockout 60 ann out")
    irssi.sees(r"ann was kicked from #dev by ian \[out\]")


def test_irssi_asks_who_is_there(irssi: Irssi, nc: Callable[[str], Person]) -> None:
    ann = nc("ann")
    irssi.sees("ann .* has joined")
    ann.types("AWAY at lunch")
    ann.sees("You are marked as away")
    irssi.types("/whois ann")
    irssi.sees(r"ann \[.*@127\.0\.0\.1\]")
    irssi.sees("channels +: .*#dev")
    irssi.sees("server +: chat.example")
    irssi.sees("away +: at lunch")
    irssi.sees("(?i)end of whois")
    irssi.types("/clear", "/who #dev")
    irssi.sees(r"#dev +ann +G")
    irssi.sees(r"#dev +ian +H@")
    irssi.types("/clear", "/names #dev")
    irssi.sees(r"\[Users #dev\]")
    irssi.sees(r"\[@ian\] \[ ann\]|\[ ann\] \[@ian\]")
    irssi.types("/clear", "/list -yes")
    irssi.sees("#dev 2")
    irssi.types("/msg ann are you there?")
    irssi.sees("ann is away: at lunch")
    irssi.types("/away gone fishing")
    irssi.sees("You have been marked as being away")
    ann.types("WHOIS ian")
    ann.sees("gone fishing")
    irssi.types("/away")
    irssi.sees("You are no longer marked as being away")


def test_irssi_comes_back_when_the_server_does(
    irssi: Irssi, nc: Callable[[str], Person], server: Server
) -> None:
    server.stop()
    irssi.sees("Connection lost to 127.0.0.1")
    server.start()
    ann = nc("ann")
    irssi.types("/reconnect")
    ann.sees("*** ian joined #dev")
    irssi.types("/clear", "here I am again")
    ann.sees("<ian> here I am again")
    ann.types("MSG welcome back")
    irssi.sees(r"<.?ann> welcome back")


EVERYTHING = """
/motd
/lusers
/version
/info
/admin
/time
/links
/stats u
/stats p
/stats
/map
/names #dev
/names
/list -yes
/who #dev
/who ann
/whois ann
/whois ian ian
/whois nobody
/whowas nobody
/whowas zed
/mode #dev
/mode ian
/mode ian +w
/mode ian -i
/mode #dev +m-t
/mode #dev +b
/mode #dev +e
/mode #dev +I
/mode #dev +X
/mode #nowhere
/ban
/ban zed!*@*
/mode #dev +eI zed!*@* zed!*@*
/ban
/mode #dev e
/mode #dev I
/unban *
/op ann
/deop ann
/voice ann
/devoice ann
/op nobody
/invite nobody
/invite ann
/invite ann #tea
/kick nobody
/kick ann
/topic
/topic new
/topic #nowhere
/join #tea,#rum
/join 0
/join #dev
/join nowhere
/part #nowhere
/cycle #dev
/away out
/away
/ison ann nobody
/userhost ann nobody
/notify ann
/msg nobody hi
/msg #nowhere hi
/notice ann hi
/ctcp ann PING
/ping ann
/nick ann
/nick 9ine
/oper wrong guess
/oper admin {password}
/mode ian +s
/wallops listen
/rehash
/kill nobody why
/kill ann why
/who
/squit chat.example
/trace
/silence
/quote HELP
/quote HELPOP
/quote SETNAME :a new name
/quote NOSUCH thing
/quote PRIVMSG
/quote PRIVMSG ann
/quote JOIN
/quote USER a b c d
/quote PASS
"""

NOT_THERE = ("MAP", "SQUIT", "TRACE", "SILENCE", "NOSUCH")


def test_irssi_knows_all_that_it_is_answered(
    irssi: Irssi, nc: Callable[[str], Person], server: Server
) -> None:
    ann, zed = nc("ann"), nc("zed")
    zed.types("QUIT")
    irssi.sees("zed .* has quit")
    irssi.types(*EVERYTHING.format(password=server.operator_password).split("\n")[1:-1])
    irssi.types("/nick done")
    irssi.sees("You're now known as done")
    assert irssi.unknown() == [f"ian {verb} :Unknown command" for verb in NOT_THERE]
    ann.sees("why")


def test_irssi_would_show_what_it_does_not_know(tmp_path: Path) -> None:
    need("tmux", "irssi")
    with FakeServer() as fake, closing(Irssi(tmp_path, fake.port, "ian")) as irssi:
        irssi.sees("made up")
        assert irssi.unknown() == ["FROB ian thing", "998 ian thing :made up"]


def test_the_empty_join_with_which_irssi_looks_for_cap_harms_nothing(server: Server) -> None:
    with socket.create_connection(("127.0.0.1", server.port), 10) as irssi:
        lines = irssi.makefile(encoding="utf-8")
        irssi.sendall(b"CAP LS 302\r\nJOIN :\r\n")
        assert " CAP * LS " in next(lines)
        assert " 451 * " in next(lines)
        irssi.sendall(b"CAP REQ :server-time\r\n")
        assert " CAP * ACK :server-time" in next(lines)
        irssi.sendall(b"CAP END\r\nNICK ian\r\nUSER ian ian 127.0.0.1 :ian\r\n")
        assert " 001 ian " in next(lines)
