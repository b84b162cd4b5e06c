"""The client's own commands: what each sends, and what is to be read in which window."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from person import Person

from ircish.client import settings as own_settings
from ircish.client.command import Commands
from ircish.client.commands import channels
from ircish.client.commands.help import commands_table
from ircish.client.keys import KEYS
from ircish.client.log import FAILED, OWN, PENDING, Entry
from ircish.client.place import Place
from ircish.client.settings import Settings


@pytest.fixture
def ann() -> Person:
    """In #dev and #tea, where she looks."""
    return Person().come_in("#dev", "#tea")


@pytest.mark.parametrize(
    ("typed", "sent"),
    [
        # Talking
        ("/say /join  us", ["PRIVMSG #tea :/join  us"]),
        ("/me waves", ["PRIVMSG #tea :\1ACTION waves\1"]),
        ("/msg ben hi  there", ["PRIVMSG ben :hi  there"]),
        ("/m #dev hi", ["PRIVMSG #dev hi"]),
        ("/msg ben,#dev hi", ["PRIVMSG ben hi", "PRIVMSG #dev hi"]),
        ("/msg @#dev hi", ["PRIVMSG @#dev hi"]),
        ("/msg #no hi", []),
        ("/notice ben hi", ["NOTICE ben hi"]),
        ("/notice +#dev hi", ["NOTICE +#dev hi"]),
        ("/query ben hi you", ["PRIVMSG ben :hi you"]),
        ("/query #dev", []),
        ("/query", []),
        ("/ctcp ben version", ["PRIVMSG ben \1VERSION\1"]),
        ("/ctcp ben ping 12", ["PRIVMSG ben :\1PING 12\1"]),
        ("/ping ben", ["PRIVMSG ben :\1PING 1795348800000\1"]),
        ("/ping", []),
        # Channels
        ("/join #new", ["JOIN #new"]),
        ("/j new sesame", ["JOIN #new sesame"]),
        ("/join #a,b", ["JOIN #a", "JOIN #b"]),
        ("/join #dev", []),
        ("/part", ["PART #tea"]),
        ("/leave #dev see you", ["PART #dev :see you"]),
        ("/part see you", ["PART #tea :see you"]),
        ("/part #no bye", ["PART #no bye"]),
        ("/part #dev,#tea", ["PART #dev", "PART #tea"]),
        ("/topic", ["TOPIC #tea"]),
        ("/topic five  o'clock", ["TOPIC #tea :five  o'clock"]),
        ("/t #dev x", ["TOPIC #dev x"]),
        ("/topic -delete", ["TOPIC #tea :"]),
        ("/names", ["NAMES #tea"]),
        ("/n #dev", ["NAMES #dev"]),
        ("/invite eve", ["INVITE eve #tea"]),
        ("/invite eve #dev", ["INVITE eve #dev"]),
        ("/kick ben", ["KICK #tea ben"]),
        ("/k #dev ben too loud", ["KICK #dev ben :too loud"]),
        ("/ban", ["MODE #tea b"]),
        ("/ban ben *!*@bad.example $a:eve", ["MODE #tea +bbb ben!*@* *!*@bad.example $a:eve"]),
        ("/unban ben", ["MODE #tea -b ben!*@*"]),
        ("/kickban #dev ben out", ["MODE #dev +b ben!*@*", "KICK #dev ben out"]),
        ("/op ben", ["MODE #tea +o ben"]),
        ("/deop #dev a b c d e", ["MODE #dev -oooo a b c d", "MODE #dev -o e"]),
        ("/voice ben cas", ["MODE #tea +vv ben cas"]),
        ("/devoice ben", ["MODE #tea -v ben"]),
        ("/mode", ["MODE #tea"]),
        ("/mode +k sesame", ["MODE #tea +k sesame"]),
        ("/mode #dev -k sesame", ["MODE #dev -k sesame"]),
        ("/mode ann +i", ["MODE ann +i"]),
        ("/list", ["LIST"]),
        ("/list #dev", ["LIST #dev"]),
        ("/list tea", ["LIST"]),
        # People
        ("/nick anna", ["NICK anna"]),
        ("/whois", ["WHOIS ann"]),
        ("/wi ben", ["WHOIS ben"]),
        ("/whois ben ben", ["WHOIS ben ben"]),
        ("/who", ["WHO #tea"]),
        ("/who a*", ["WHO a*"]),
        ("/away", ["AWAY away"]),
        ("/away at lunch", ["AWAY :at lunch"]),
        ("/back", ["AWAY"]),
        # Finding, the connection
        ("/search hot tea", ["SEARCH #tea :hot tea"]),
        ("/quote WHO #dev  x", ["WHO #dev  x"]),
        ("/raw PING :a", ["PING :a"]),
    ],
)
def test_what_a_command_sends(ann: Person, typed: str, sent: list[str]) -> None:
    lines = ann.sends(typed)
    assert [line for line in lines if not line.startswith("CHATHISTORY")] == sent


@pytest.mark.parametrize("typed", ["/whois", "/who", "/mode", "/ping", "/search x"])
def test_commands_know_whom_a_private_window_is_with(ann: Person, typed: str) -> None:
    ann.type("/query ben")
    sent = ann.sends(typed)
    assert len(sent) == 1
    assert ("ann" if typed == "/mode" else "x" if "x" in typed else "ben") in sent[0]


# Talking ------------------------------------------------------------------------------------------


def test_a_private_message_opens_a_window_and_you_stay(ann: Person) -> None:
    ann.type("/msg ben hi")
    assert ann.client.windows.current.name == "#tea"
    entry = ann.window("ben").log.last
    assert entry
    assert (entry.text, entry.nick, entry.flags) == ("hi", "ann", OWN | PENDING)


def test_a_message_to_a_channel_appears_there(ann: Person) -> None:
    ann.type("/msg #dev hi")
    assert ann.lines(ann.window("#dev"))[-1] == "hi"


def test_a_notice_appears_as_one(ann: Person) -> None:
    ann.type("/notice #dev hi")
    last = ann.window("#dev").log.last
    assert last
    assert last.kind == "notice"


def test_a_query_goes_to_its_window_and_closes_it(ann: Person) -> None:
    ann.type("/q ben")
    assert ann.client.windows.current is ann.window("ben")
    ann.type("/q")
    assert ann.names == ["server", "#dev", "#tea"]


@pytest.mark.parametrize(
    ("typed", "shown"),
    [
        ("/msg #no hi", "You are not in #no; /join #no goes in."),
        ("/query", "/query NICK opens a window for talking to somebody."),
        ("/query #dev", "#dev is a channel; /join #dev goes in."),
        ("/ping", "<nick> is missing. Usage: /ping <nick>"),
        ("/msg %#dev hi", "This server cannot tell only some of a channel: %#dev"),
        ("/resend", "All that you said was sent."),
        ("/list >", ""),
        ("/who", ""),
        ("/url", "There is no address in this window."),
        ("/reconnect x", "That is more than /reconnect takes: x. Usage: /reconnect"),
    ],
)
def test_a_mistake_names_the_way_out(ann: Person, typed: str, shown: str) -> None:
    assert ann.reads(typed) == ([shown] if shown else [])


@pytest.mark.parametrize(
    "typed",
    ["/msg ben hi", "/me waves", "/nick x", "/join #x", "/quote x", "/away", "/history"],
)
def test_without_a_connection_nothing_is_sent_and_the_line_stays(typed: str) -> None:
    person = Person()
    assert not person.type(typed)
    assert "Not connected" in person.lines()[-1]
    assert person.names == ["server"]


def test_what_was_not_sent_is_said_again(ann: Person) -> None:
    ann.type("one")
    ann.type("/msg ben two")
    ann.type("/me three")
    ann.client.lost("Gone.", None)
    ann.come_in()
    assert ann.reads("/resend") == ["You are not in #tea; /join #tea goes in."]
    ann.enter("#tea")
    assert ann.sends("/resend") == ["PRIVMSG #tea one", "PRIVMSG #tea :\1ACTION three\1"]
    assert not any(entry.flags & FAILED for entry in ann.window("#tea").log)
    assert "ben, window 4" in ann.reads("/resend")[0]


# Channels and windows -----------------------------------------------------------------------------


def test_leaving_a_channel_closes_its_window(ann: Person) -> None:
    ann.type("/part")
    assert ann.names == ["server", "#dev"]
    ann.hear(":ann!~ann@host PART #tea")
    assert ann.names == ["server", "#dev"]


def test_join_alone_goes_back_into_the_channel_of_the_window(ann: Person) -> None:
    ann.hear(":ben!b@h KICK #tea ann :out")
    assert ann.sends("/join") == ["JOIN #tea"]
    ann.client.windows.show(ann.client.windows.server)
    assert ann.reads("/join") == ["<channel> is missing. Usage: /join <channel> [<key>]"]


def test_close_leaves_a_channel_and_not_the_server(ann: Person) -> None:
    assert ann.sends("/wc") == ["PART #tea"]
    ann.client.windows.show(ann.client.windows.server)
    assert ann.reads("/close") == ["The server's window stays open; /quit leaves ircish."]
    ann.type("/query ben")
    assert ann.sends("/close") == []
    assert ann.names == ["server", "#dev"]


def test_a_window_of_a_channel_that_you_are_not_in_just_closes(ann: Person) -> None:
    ann.hear(":ben!b@h KICK #tea ann :out")
    assert ann.sends("/close") == []
    ann.client.lost("Gone.", None)
    ann.client.windows.show(ann.window("#dev"))
    assert ann.sends("/part") == []
    assert ann.names == ["server"]


@pytest.mark.parametrize(
    ("typed", "shown"),
    [
        ("/win 1", "server"),
        ("/w 2", "#dev"),
        ("/win next", "server"),
        ("/win prev", "#dev"),
        ("/win last", "#dev"),
        ("/win #DEV", "#dev"),
        ("/win de", "#dev"),
        ("/win ev", "#dev"),
        ("/window #de", "#dev"),
        ("/win 9", "#tea"),
        ("/win x", "#tea"),
    ],
)
def test_win_goes_to_a_window(ann: Person, typed: str, shown: str) -> None:
    ann.type(typed)
    assert ann.client.windows.current.name == shown


@pytest.mark.parametrize(
    ("typed", "shown"),
    [
        ("/win 9", "There is no window 9; there are 3 windows."),
        ("/win x", "There is no window x; /win list shows them."),
        ("/win e", "e could be any of server, #dev, #tea."),
        ("/win move 1", "/win move takes a number from 2 to 3."),
        ("/win move", "/win move takes a number from 2 to 3."),
        ("/win 1 2", "That is more than /win 1 takes: 2."),
    ],
)
def test_win_says_what_there_is(ann: Person, typed: str, shown: str) -> None:
    assert ann.reads(typed) == [shown]


def test_windows_are_listed_with_what_is_new(ann: Person) -> None:
    ann.hear(":ben!b@h PRIVMSG #dev :ann: look", ":ben!b@h PRIVMSG #dev :here")
    assert ann.reads("/win") == [
        "  1 server",
        "  2 #dev (2 new, 1 for you)",
        "  3 #tea *",
        "  4 mentions (1 new, 1 for you)",
    ]


def test_windows_move_and_close(ann: Person) -> None:
    ann.type("/win move 2")
    assert ann.names == ["server", "#tea", "#dev"]
    ann.type("/win close")
    assert ann.names == ["server", "#dev"]
    ann.type("/win 1")
    assert ann.reads("/win move 2") == ["The server's window stays number 1."]
    assert Person().reads("/win 2") == ["There is no window 2; there is 1 window."]


def test_clear_empties_the_window_and_lets_older_lines_come_again(ann: Person) -> None:
    window = ann.window("#tea")
    window.all_read, window.anchor = True, 0
    ann.type("/clear")
    assert (ann.lines(), window.all_read, window.anchor) == ([], False, None)


ROWS = (
    "321 ann Channel :Users  Name",
    "322 ann #dev 3 :all of it",
    "322 ann #tea 40 :hot",
    "322 ann #den 3 :",
    "322 ann #lie x :tea?",
    "322 ann",
    "323 ann :End",
)


def listed(person: Person, *rows: str) -> None:
    """The answer to the command that was sent last."""
    label = person.link.label()
    lines = (f"@batch=l :chat.example {row}" for row in rows)
    start = f"@label={label} :chat.example BATCH +l labeled-response"
    person.hear(start, *lines, ":chat.example BATCH -l")


@pytest.mark.parametrize(
    ("typed", "shown"),
    [
        ("/list", ["   40 #tea hot", "    3 #den", "    3 #dev all of it", "    0 #lie tea?"]),
        ("/list TEA", ["   40 #tea hot", "    0 #lie tea?"]),
        ("/list #d*", ["    3 #den", "    3 #dev all of it"]),
        ("/list >3", ["   40 #tea hot"]),
        ("/list <3", ["    0 #lie tea?"]),
        ("/list coffee", ["There is no such channel."]),
    ],
)
def test_channels_are_listed_in_order(ann: Person, typed: str, shown: list[str]) -> None:
    window, client = ann.client.windows.current, ann.client
    ann.type(typed)
    start = window.log.end
    client.windows.show(client.windows.server)
    listed(ann, *ROWS)
    assert ann.lines(window, start) == shown
    assert client.listed == ("#tea", "#den", "#dev", "#lie")


def test_a_long_list_ends_with_how_many_are_left(
    ann: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(channels, "MOST_LISTED", 2)
    ann.type("/list")
    listed(ann, *ROWS)
    assert ann.lines()[-1] == "2 smaller ones are not shown; /list WORD finds."


def test_no_channels_is_an_answer(ann: Person) -> None:
    ann.type("/list")
    listed(ann, "323 ann :End")
    assert ann.lines()[-1] == "No channels."


@pytest.mark.parametrize(("typed", "sent"), [("/list >20", "LIST >20"), ("/list #d*", "LIST #d*")])
def test_a_server_that_can_choose_does(ann: Person, typed: str, sent: str) -> None:
    ann.hear(":chat.example 005 ann ELIST=MU :are supported")
    assert ann.sends(typed) == [sent]


def test_a_server_with_another_limit_for_modes_is_heeded(ann: Person) -> None:
    ann.hear(":chat.example 005 ann -MODES :are supported")
    assert ann.sends("/op a b c d") == ["MODE #tea +ooo a b c", "MODE #tea +o d"]


# People -------------------------------------------------------------------------------------------


def test_a_nick_can_be_chosen_while_coming_in() -> None:
    person = Person()
    person.client.connecting(Place("chat.example", 5555, nick="ann"))
    person.client.connected()
    person.link.flush()
    person.link.sent()
    assert person.sends("/nick anna") == ["NICK anna"]
    assert person.client.nick == "anna"


def test_away_ends_with_away(ann: Person) -> None:
    ann.hear(":chat.example 306 ann :You are away")
    assert ann.sends("/away") == ["AWAY"]
    assert ann.sends("/away still") == ["AWAY still"]


def test_who_needs_a_mask_where_the_window_tells_none(ann: Person) -> None:
    ann.type("/win 1")
    assert ann.reads("/who") == ["<mask> is missing. Usage: /who <mask>"]


def test_somebody_is_ignored_and_shown_again(ann: Person) -> None:
    assert ann.reads("/ignore") == ["ignore: nothing"]
    assert ann.reads("/ignore ben") == ["ben is ignored; /unignore ben ends that."]
    assert ann.reads("/ignore BEN") == ["BEN is in the list already; /ignore shows it."]
    assert ann.reads("/ignore") == ["ignore: ben"]
    assert ann.reads("/unignore ben") == ["ben is shown again."]
    assert ann.reads("/unignore ben") == ["ben is not in the list; /ignore shows it."]
    assert ann.client.settings.ignore == ()


def test_words_are_highlighted(ann: Person) -> None:
    assert ann.reads("/hilight hot tea") == ["hot tea counts as a mention; /unhighlight ends that."]
    assert ann.client.settings.highlight == ("hot tea",)
    assert ann.reads("/dehilight hot tea") == ["hot tea is like any other word again."]


# Settings -----------------------------------------------------------------------------------------


def test_settings_are_read_changed_and_saved(tmp_path: Path) -> None:
    file = tmp_path / "client.toml"
    person = Person(Settings(path=file))
    assert person.reads("/set") == ["All is as it comes; /set * lists it."]
    assert person.reads("/set theme light") == ["theme = light"]
    assert person.reads("/set") == ["theme = light"]
    assert own_settings.load(file).theme == "light"
    shown = person.reads("/set theme")
    assert shown[0] == "theme = light"
    assert shown[1].endswith("Default: dark")
    assert person.reads("/unset theme") == ["theme = dark"]
    assert own_settings.load(file).theme == "dark"


@pytest.mark.parametrize(
    ("typed", "part"),
    [
        ("/set theme pink", "theme"),
        ("/set them light", "There is no setting them; did you mean theme?"),
        ("/set them", "There is no setting them; did you mean theme?"),
        ("/unset them", "There is no setting them"),
        ("/set zz*", "There is no setting zz*."),
        ("/alias", "There are no aliases; /alias NAME TEXT makes one."),
        ("/alias x", "There is no alias x; /alias x TEXT makes one."),
        ("/alias x $0", "The first word is $1."),
        ("/alias alias x", "/alias stays what it is."),
        ("/unalias x", "There is no alias x; /alias lists them."),
        ("/ignore a,b", ""),
        ("/set notify_seconds", "notify_seconds = 5"),
    ],
)
def test_what_cannot_be_set_is_told(typed: str, part: str) -> None:
    shown = Person().reads(typed)
    assert len(shown) >= 1
    assert part in shown[0]


def test_all_settings_are_listed() -> None:
    assert len(Person().reads("/set *")) == len(own_settings.KNOWN)
    assert {line.partition(" = ")[0] for line in Person().reads("/set nick_*")} == {
        "nick_colors",
        "nick_list",
        "nick_list_width",
    }


def test_settings_that_cannot_be_saved_are_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    person = Person(Settings(path=tmp_path / "file" / "client.toml"))
    assert "not saved" in person.reads("/set theme light")[0]


def test_aliases_are_made_listed_and_forgotten() -> None:
    person = Person()
    assert person.reads("/alias /WII /whois $1 $1") == ["/wii = /whois $1 $1"]
    assert person.reads("/alias") == ["/wii = /whois $1 $1"]
    assert person.reads("/alias wii") == ["/wii = /whois $1 $1"]
    assert person.reads("/unalias wii") == ["/wii is forgotten."]
    assert person.client.settings.aliases == {}


# Finding ------------------------------------------------------------------------------------------


def test_lastlog_shows_lines_that_have_a_text(ann: Person) -> None:
    ann.hear(
        ":ben!b@h PRIVMSG #tea :hot \x02Te\x02a",
        ":Cas!c@h PRIVMSG #tea :cold",
        ":Cas!c@h PRIVMSG #tea :\1ACTION drinks tea\1",
        ":dora!d@h NOTICE #tea :no tea",
        ":teaser!t@h PRIVMSG #tea :hm",
    )
    shown = [line[17:] for line in ann.reads("/lastlog TEA")]
    assert shown == ["<ben> hot \x02Te\x02a", "* Cas drinks tea", "-dora- no tea", "<teaser> hm"]
    assert len(ann.reads("/lastlog tea")) == 4
    assert ann.reads("/lastlog coffee") == ["Nothing here has coffee in it."]


def test_lastlog_alone_shows_all_that_was_said(
    ann: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    ann.type("/clear")
    assert ann.reads("/lastlog") == ["Nothing was said here."]
    monkeypatch.setattr("ircish.client.commands.search.MOST_FOUND", 2)
    ann.hear(*(f":Cas!c@h PRIVMSG #tea :line {n}" for n in range(4)), ":ben!b@h TOPIC #tea :x")
    shown = ann.reads("/lastlog")
    assert shown[0] == "3 older lines are not shown."
    assert shown[1].endswith("<+Cas> line 3")
    assert "<" not in shown[2]


def test_search_looks_in_the_window_and_asks_a_server_that_can(ann: Person) -> None:
    assert ann.sends("/search tea") == ["SEARCH #tea tea"]
    assert ("search", "tea") in ann.face.done
    other = Person().come_in("#tea", catalogue=False)
    assert other.sends("/search tea") == []
    assert other.face.done == [("search", "tea")]


def test_older_lines_are_fetched(ann: Person) -> None:
    window = ann.window("#tea")
    window.all_read = False
    assert ann.sends("/history") == ["CHATHISTORY LATEST #tea * 100"]
    window.all_read = True
    assert ann.reads("/history") == ["There is nothing older."]
    ann.type("/win 1")
    assert ann.reads("/history") == ["The server has no history of this window."]


def test_a_server_without_history_is_not_asked(ann: Person) -> None:
    ann.hear(":chat.example CAP ann DEL draft/chathistory")
    assert ann.reads("/history") == ["This server keeps no history to ask for."]


def test_addresses_are_listed_and_copied(ann: Person) -> None:
    for text in ("see https://old.example", "and https://new.example"):
        ann.client.windows.add(ann.client.windows.current, Entry(0, "message", text, "ben"))
    assert ann.reads("/url") == ["  1 https://new.example", "  2 https://old.example"]
    assert ann.reads("/url 2") == ["Copied: https://old.example"]
    assert ann.face.done == [("copy", "https://old.example")]
    assert ann.reads("/url 3") == ["There is no address 3; /url lists 2."]


# The connection -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("typed", "place"),
    [
        ("/connect chat.example", Place("chat.example", 5555)),
        ("/connect chat.example 6667", Place("chat.example", 6667)),
        ("/connect chat.example:6667", Place("chat.example", 6667)),
        ("/connect -tls chat.example", Place("chat.example", 6697, tls=True)),
        ("/server chat.example 7000 -ssl", Place("chat.example", 7000, tls=True)),
        (
            "/connect h --tls-insecure -password x -nick eve",
            Place("h", 6697, tls=True, insecure=True, nick="eve", password="x"),
        ),
        ("/connect", Place()),
    ],
)
def test_connect_goes_to_a_place(typed: str, place: Place) -> None:
    person = Person(Settings(nick="ann"))
    person.type(typed)
    assert person.link.done == [("connect", replace(place, nick=place.nick or "ann"))]


@pytest.mark.parametrize(
    ("typed", "part"),
    [
        ("/connect h x", "is not a port"),
        ("/connect h 1 2", "2 is not understood"),
        ("/connect h -x", "-x is not understood"),
        ("/connect h -password", "-password has a word after it"),
        ("/connect h -nick :x", "cannot be a nick"),
        ("/disconnect", "There is no connection; /connect HOST makes one."),
        ("/reconnect", "There was no connection yet; /connect HOST makes one."),
    ],
)
def test_what_is_no_place_is_told(typed: str, part: str) -> None:
    person = Person()
    assert part in person.reads(typed)[0]
    assert person.link.done == []


def test_going_elsewhere_says_goodbye(ann: Person) -> None:
    assert ann.sends("/connect other.example") == ["QUIT"]
    assert ann.link.done[-1][:1] == ("connect",)
    assert ann.link.done[-1][1].nick == "ann"


def test_connect_alone_and_reconnect_go_where_one_was(ann: Person) -> None:
    assert ann.sends("/reconnect") == ["QUIT"]
    assert ann.link.done[-1] == ("connect", ann.client.place)
    ann.client.lost("Gone.", 10.0)
    ann.type("/reconnect")
    assert ann.link.done[-1] == ("retry_now",)
    ann.type("/connect")
    assert ann.link.done[-1] == ("connect", ann.client.place)


def test_disconnect_says_why(ann: Person) -> None:
    assert ann.sends("/disconnect see you") == ["QUIT :see you"]
    assert ann.link.done[-1][0] == "disconnect"


@pytest.mark.parametrize("typed", ["/quit good night", "/exit good night", "/bye good night"])
def test_quit_leaves(ann: Person, typed: str, monkeypatch: pytest.MonkeyPatch) -> None:
    left: list[Any] = []
    monkeypatch.setattr(ann.client, "leave", left.append, raising=False)
    ann.type(typed)
    assert left == ["good night"]


# Help ---------------------------------------------------------------------------------------------


def test_help_lists_every_command_in_its_group_and_those_of_the_server(ann: Person) -> None:
    ann.client.settings.alias("wii", "/whois $1 $1")
    shown = ann.reads("/help")
    for command in ann.client.commands.listed():
        assert any(line.startswith(f"  {command.usage} ") for line in shown)
    assert shown.index("Talking") < shown.index("Windows") < shown.index("From the server")
    assert "  /roll [<dice>]                      Roll dice for everyone to see." in shown
    assert any("/kline" in line and line.endswith("(operators)") for line in shown)
    assert not any(line.startswith("  /kick <") for line in shown)
    assert any("/wii" in line and "/whois $1 $1" in line for line in shown)
    assert shown[-1] == "/help NAME tells more of one, /help keys shows the keys."


def test_help_without_a_server_is_of_ours_alone() -> None:
    assert "From the server" not in Person().reads("/help")


@pytest.mark.parametrize("typed", ["/help join", "/h /join", "/help j"])
def test_help_of_one(ann: Person, typed: str) -> None:
    shown = ann.reads(typed)
    assert shown[:2] == ["/join [<channel>] [<key>]", "Go into a channel, or several."]
    assert shown[-1] == "Also /j"


@pytest.mark.parametrize(
    ("typed", "shown"),
    [
        ("/help clear", "/clear"),
        ("/help wii", "/wii is your own, for /whois $1 $1"),
        ("/help jion", "There is no command /jion; did you mean /help join?"),
        ("/help zzzz", "There is no command /zzzz; /help lists what there is."),
    ],
)
def test_help_of_other_names(ann: Person, typed: str, shown: str) -> None:
    ann.client.settings.alias("wii", "/whois $1 $1")
    assert ann.reads(typed)[0] == shown


def test_help_of_a_verb_asks_the_server_for_more(ann: Person) -> None:
    assert ann.sends("/help roll") == ["HELP ROLL"]
    ann.client.lost("Gone.", None)
    assert ann.reads("/help kline") == [
        "/kline <nick> [<reason>] (operators)",
        "Put somebody out of the server.",
    ]
    other = Person().come_in(catalogue=False)
    assert other.sends("/help motd") == []
    assert other.lines()[-1] == "Read the server's message of the day."


def test_help_shows_every_key() -> None:
    shown = Person().reads("/help keys")
    assert len(shown) == len([key for key in KEYS if key.does])
    assert any("PgUp" in line for line in shown)


def test_commands_of_a_plugin_are_listed_as_its_own(ann: Person) -> None:
    from ircish.client.command import slash_command

    def shout(client: Any) -> None:
        """Shout."""

    ann.client.commands.add("loud", [slash_command("shout")(shout)])
    shown = ann.reads("/help")
    assert shown[shown.index("From the plugin loud") + 1].startswith("  /shout ")
    assert ann.reads("/help shout")[-1] == "From the plugin loud"


def test_an_empty_line_is_not_sent(ann: Person) -> None:
    assert ann.sends("/quote  ") == []


def test_all_commands_are_a_table_for_the_readme() -> None:
    rows = commands_table(Commands().listed()).splitlines()
    assert rows[:4] == [
        "| Command | Does | Also |",
        "|---|---|---|",
        "| **Talking** | | |",
        "| `/say <text>` | Say a text as it stands, also one that begins with a slash. |  |",
    ]
    assert "| `/join [<channel>] [<key>]` | Go into a channel, or several. | `/j` |" in rows
    assert rows.count("| **Settings** | | |") == 1
