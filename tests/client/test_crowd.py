"""Who comes and goes, in one line."""

from __future__ import annotations

from talking import talk

from ircish.client.crowd import Crowd
from ircish.client.log import Entry, Log


def crowd_of(*changes: str) -> list[str]:
    """The log after ``+ben`` (came) and ``-ben`` (left)."""
    log, crowd = Log(), Crowd()
    for change in changes:
        entry = crowd.add(log, 0, change[1:], here=change[0] == "+", alone=f"alone {change}")
        if entry:
            log.append(entry)
    return [each.text for each in log]


def test_one_alone_is_told_in_full() -> None:
    assert crowd_of("+ben") == ["alone +ben"]


def test_several_are_one_line_by_what_they_did() -> None:
    assert crowd_of("+ben", "+cas", "-dan") == ["ben and cas joined · dan left"]
    assert crowd_of("+ben", "-ben") == ["ben came and went"]
    assert crowd_of("-ben", "+ben", "+cas") == ["cas joined · ben left and came back"]
    assert crowd_of("+ben", "-ben", "+ben") == ["ben joined"]


def test_of_many_names_the_first_are_told_and_the_others_counted() -> None:
    some = [f"+n{each}" for each in range(13)]
    assert crowd_of(*some)[0].endswith(", n11 and 1 other joined")
    assert crowd_of(*some, "+last")[0].endswith(", n11 and 2 others joined")


def test_something_else_in_between_begins_another_line() -> None:
    log, crowd = Log(), Crowd()
    for nick in ("ben", "cas"):
        entry = crowd.add(log, 0, nick, here=True, alone=nick)
        assert entry
        log.append(entry)
        log.append(Entry(0, "message", "hello"))
    assert [each.text for each in log] == ["ben", "hello", "cas", "hello"]


def test_a_log_that_was_emptied_begins_another_line() -> None:
    log, crowd = Log(), Crowd()
    log.append(crowd.add(log, 0, "ben", here=True, alone="ben") or Entry(0, "info", ""))
    log.clear()
    assert crowd.add(log, 0, "cas", here=True, alone="cas")


def test_a_netsplit_is_one_line() -> None:
    here = talk()
    here.hear(*(f":n{each}!u@h JOIN #dev" for each in range(1_000)))
    here.hear(*(f":n{each}!u@h QUIT :*.net *.split" for each in range(1_000)))
    assert here.last("#dev").text.endswith("and 988 others came and went")
    assert len(here.window("#dev").log) == 3


def test_joins_and_quits_are_one_line_that_follows() -> None:
    here = talk()
    here.hear(":cas!~c@h JOIN #dev")
    assert here.last("#dev").text == "cas [~c@h] has joined #dev"
    assert here.last("#dev").kind == "crowd"
    here.hear(":dan!~d@h JOIN #dev", ":ben!~b@h QUIT :bye", ":cas!~c@h PART #dev :later")
    assert here.last("#dev").text == "dan joined · ben left · cas came and went"
    assert len(here.window("#dev").log) == 3


def test_recent_speakers_are_told_apart() -> None:
    here = talk(recent_minutes=30)
    here.hear(":cas!~c@h JOIN #dev", ":dan!~d@h JOIN #dev", ":cas!~c@h PRIVMSG #dev :hello")
    here.hear(":dan!~d@h QUIT :x", ":cas!~c@h QUIT :Ping timeout", ":eve!~e@h JOIN #dev")
    assert here.texts("#dev")[-4:] == [
        "hello",
        "dan has quit (x)",
        "cas has quit (Ping timeout)",
        "eve [~e@h] has joined #dev",
    ]


def test_who_spoke_long_ago_is_folded() -> None:
    here = talk(recent_minutes=1)
    here.hear(":ben!~b@h PRIVMSG #dev :hello", ":cas!~c@h JOIN #dev")
    here.elapsed = 61
    here.hear(":ben!~b@h QUIT")
    assert here.last("#dev").text == "cas joined · ben left"


def test_without_folding_each_has_a_line() -> None:
    here = talk(fold=False)
    here.hear(":cas!~c@h JOIN #dev", ":dan!~d@h JOIN #dev", ":cas!~c@h PART #dev")
    assert here.texts("#dev")[-3:] == [
        "cas [~c@h] has joined #dev",
        "dan [~d@h] has joined #dev",
        "cas has left #dev",
    ]


def test_an_account_is_told_with_who_joins() -> None:
    here = talk()
    here.hear(":cas!~c@h JOIN #dev cassius :Cas")
    assert here.last("#dev").text == "cas [~c@h, cassius] has joined #dev"
    here.hear(":services JOIN #dev")
    assert here.last("#dev").text == "cas and services joined"


def test_who_joins_and_leaves_makes_no_more_than_noise() -> None:
    here = talk()
    here.show("")
    here.hear(":cas!~c@h JOIN #dev")
    window = here.window("#dev")
    assert (window.activity, window.news, window.unread) == (1, 0, None)
