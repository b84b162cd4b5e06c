"""WeeChat at a real server: what its user does, and what its user then reads."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import closing
from pathlib import Path

from clients_in_tmux import WeeChat
from fake_irc import FakeServer
from programs import Person, Server, need


def test_weechat_talks_with_a_person_at_nc(weechat: WeeChat, nc: Callable[[str], Person]) -> None:
    ann = nc("ann")
    weechat.sees(r"ann \(.*\) has joined #dev")
    weechat.types("hello from weechat", "/me waves", "/notice #dev listen")
    ann.sees("<wes> hello from weechat")
    ann.sees("* wes waves")
    ann.sees("-wes- listen")
    ann.types("MSG hello from nc", "ME nods", "MSG @wes a private word")
    weechat.sees(r"ann +\| hello from nc")
    weechat.sees(r"\* \| ann nods")
    weechat.sees(r"\[H: .*:ann")
    weechat.types("/buffer ann")
    weechat.sees(r"ann +\| a private word")
    weechat.types("and one back", "/ctcp ann VERSION")
    ann.sees("*wes* and one back")
    ann.sees("*wes* (asks your program for VERSION)")
    weechat.types("/buffer #dev", "/part #dev so long")
    ann.sees("*** wes left #dev (so long)")
    weechat.types("/join #dev", "/quit good bye")
    ann.sees("*** wes joined #dev")
    ann.sees("*** wes left the chat (")
    ann.sees("good bye")


def test_weechat_and_a_person_at_nc_change_their_nicks(
    weechat: WeeChat, nc: Callable[[str], Person]
) -> None:
    ann = nc("ann")
    weechat.types("/nick wes2")
    weechat.sees("You are now known as wes2")
    ann.sees("*** wes is called wes2 now")
    ann.types("NICK anna")
    weechat.sees("ann is now known as anna")
    weechat.types("/nick anna")
    weechat.sees("(?i)anna.*already in use")
    weechat.types("/nick 9ine")
    weechat.sees("9ine: Erroneous nickname")


def test_weechat_takes_another_nick_where_its_own_is_taken(
    nc: Callable[[str], Person], server: Server, tmp_path: Path
) -> None:
    need("tmux", "weechat")
    wes = nc("wes")
    with closing(WeeChat(tmp_path / "weechat", server.port, "wes")) as weechat:
        wes.sees("*** wes_ joined #dev")
        weechat.types("hello")
        wes.sees("<wes_> hello")


def test_weechat_changes_the_topic_and_asks_for_it(
    weechat: WeeChat, nc: Callable[[str], Person]
) -> None:
    ann = nc("ann")
    weechat.types("/topic tea at five")
    weechat.sees('wes has changed topic for #dev to "tea at five"')
    ann.sees("*** wes set the topic of #dev: tea at five")
    weechat.types("/buffer clear", "/topic")
    weechat.sees('Topic for #dev is "tea at five"')
    weechat.sees("Topic set by wes")
    weechat.types("/topic -delete")
    weechat.sees("wes has unset topic for #dev")
    ann.sees("*** wes removed the topic of #dev")


def test_weechat_kicks_and_is_kicked(weechat: WeeChat, nc: Callable[[str], Person]) -> None:
    ann = nc("ann")
    weechat.types("/kick ann too loud")
    weechat.sees(r"wes has kicked ann \(too loud\)")
    ann.sees("was put out of #dev by wes (too loud)")
    ann.types("JOIN #dev")
    weechat.sees(r"(?s)kicked.*ann \(.*\) has joined #dev")
    weechat.types("/op ann")
    weechat.sees(r"Mode #dev \[\+o ann\] by wes")
    ann.sees("*** wes made ann an operator of #dev")
    ann.types("KICK wes your turn")
    weechat.sees(r"ann has kicked wes \(your turn\)")


def test_weechat_bans_invites_and_sets_modes(weechat: WeeChat, nc: Callable[[str], Person]) -> None:
    ann = nc("ann")
    weechat.sees(r"ann .* has joined")
    weechat.types("/ban mallory!*@*", "/ban")
    weechat.sees(r"Mode #dev \[\+b mallory!\*@\*\] by wes")
    weechat.sees(r"\[#dev\].* mallory!\*@\* banned by wes")
    weechat.types("/unban mallory!*@*")
    weechat.sees(r"Mode #dev \[-b mallory!\*@\*\] by wes")
    weechat.types("/voice ann")
    weechat.sees(r"Mode #dev \[\+v ann\] by wes")
    weechat.types("/mode +ikl secret 10")
    weechat.sees(r"Mode #dev \[\+[ikl]{3} .*\] by wes")
    weechat.types("/buffer clear", "/mode #dev")
    weechat.sees(r"Mode #dev \[\+[ikntl]+ .*\]\n")
    weechat.types("/mode #dev +e zed!*@*", "/mode #dev e", "/mode #dev +I zed!*@*", "/mode #dev I")
    weechat.sees(r"\[#dev\].* zed!\*@\*.*exception|exception.*zed!\*@\*")
    weechat.sees(r"zed!\*@\* invited by")
    ann.types("PART #dev")
    weechat.sees("ann .* has left #dev")
    weechat.types("/invite ann")
    weechat.sees("wes has invited ann to #dev|You've invited ann to #dev")
    ann.sees("*** wes asks you into #dev.")
    ann.types("JOIN #dev")
    weechat.sees("(?s)has left #dev.*ann .* has joined #dev")
    weechat.types("/kickban ann out")
    weechat.sees(r"wes has kicked ann \(out\)")


def test_weechat_asks_who_is_there(weechat: WeeChat, nc: Callable[[str], Person]) -> None:
    ann = nc("ann")
    weechat.sees("ann .* has joined")
    ann.types("AWAY at lunch")
    ann.sees("You are marked as away")
    weechat.types("/whois ann")
    weechat.sees(r"\[ann\] \(.*@127\.0\.0\.1\)")
    weechat.sees(r"\[ann\] .*#dev")
    weechat.sees(r"\[ann\] chat.example")
    weechat.sees(r"\[ann\] .*at lunch")
    weechat.sees(r"(?i)\[ann\] end of ")
    weechat.types("/who #dev")
    weechat.sees(r"\[#dev\] ann \(.*\).* G")
    weechat.sees(r"\[#dev\] wes \(.*\).* H@")
    weechat.types("/buffer clear", "/names")
    weechat.sees(r"Nicks #dev: \[@wes ann\]|Nicks #dev: \[ann @wes\]")
    weechat.types("/list")
    weechat.sees(r"#dev\(2\)|#dev +2")
    weechat.types("/msg ann are you there?")
    weechat.sees(r"\[ann\] is away: at lunch")
    weechat.types("/away gone fishing")
    weechat.sees("(?i)you have been marked as being away")
    ann.types("WHOIS wes")
    ann.sees("gone fishing")
    weechat.types("/away")
    weechat.sees("(?i)you are no longer marked as being away")


def test_weechat_is_told_who_comes_and_goes(weechat: WeeChat, nc: Callable[[str], Person]) -> None:
    weechat.types("/notify add bob")
    bob = nc("bob")
    weechat.sees("notify: bob .*(connected|has joined)")
    bob.types("QUIT")
    weechat.sees("notify: bob .*(disconnected|has quit)")


def test_weechat_comes_back_when_the_server_does(
    weechat: WeeChat, nc: Callable[[str], Person], server: Server
) -> None:
    server.stop()
    weechat.sees("disconnected from server")
    server.start()
    ann = nc("ann")
    ann.sees("*** wes joined #dev")
    weechat.types("here I am again")
    ann.sees("<wes> here I am again")
    ann.types("MSG welcome back")
    weechat.sees(r"ann +\| welcome back")


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
/list
/who #dev
/who ann
/who
/whois ann
/whois wes wes
/whois nobody
/whowas nobody
/whowas zed
/mode #dev
/mode wes
/mode wes +w
/mode wes -i
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
/unban zed!*@*
/op ann
/deop ann
/voice ann
/devoice ann
/halfop ann
/op nobody
/invite nobody
/invite ann
/invite ann #tea
/kick nobody
/kick ann
/topic
/topic new
/join #tea
/join nowhere
/buffer #dev
/part #nowhere
/cycle #dev
/away out
/away
/ison ann nobody
/userhost ann nobody
/notify add ann
/notify
/msg nobody hi
/msg #nowhere hi
/notice ann hi
/ctcp ann VERSION
/ping ann
/nick ann
/nick 9ine
/setname a new name
/oper wrong guess
/oper admin {password}
/mode wes +s
/wallops listen
/rehash
/kill nobody why
/kill ann why
/squit chat.example
/trace
/users
/quote HELP
/quote HELPOP
/quote MONITOR L
/quote NOSUCH thing
/quote PRIVMSG
/quote PRIVMSG ann
/quote JOIN
/quote USER a b c d
/quote PASS
/quote CHATHISTORY LATEST #dev * 10
"""

NOT_THERE = ("MAP", "SQUIT", "TRACE", "USERS", "NOSUCH")


def test_weechat_knows_all_that_it_is_answered(
    weechat: WeeChat, nc: Callable[[str], Person], server: Server
) -> None:
    ann, zed = nc("ann"), nc("zed")
    zed.types("QUIT")
    weechat.sees("zed .* has quit")
    weechat.types(*EVERYTHING.format(password=server.operator_password).split("\n")[1:-1])
    weechat.types("/nick done")
    weechat.sees("You are now known as done")
    assert weechat.unknown() == [f"{verb}: Unknown command" for verb in NOT_THERE]
    ann.sees("why")


def test_weechat_would_show_what_it_does_not_know(tmp_path: Path) -> None:
    need("tmux", "weechat")
    with FakeServer() as fake, closing(WeeChat(tmp_path, fake.port, "wes")) as weechat:
        weechat.sees("made up")
        [line] = weechat.unknown()
        assert 'command "FROB" not found' in line
