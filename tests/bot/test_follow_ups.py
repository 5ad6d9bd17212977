"""What refers to the turn before: "and Uzbekistan?", "yes", "back", "the second one"; and what is no question."""

from datetime import UTC, datetime

import pytest

from fakes.reader import NoStories, TalkingReader, labels
from fakes.stories import enriched_story
from services.bot.conversation.messages import Reply
from shared.actors import load_actors
from shared.archive.port import Filter, Hit, HitPage
from shared.clock import FixedClock
from shared.places import load_places

#: A Wednesday.
NOW = datetime(2026, 11, 18, 15, 30, tzinfo=UTC)
PLACES = load_places()
ACTORS = load_actors()


@pytest.fixture
def anna() -> TalkingReader:
    return TalkingReader(FixedClock(NOW), places=PLACES, actors=ACTORS)


def asked(reply: Reply) -> tuple[list[str], str, str]:
    """What a reply took its question for: names, words, the first day."""
    data = reply.data
    named = [each["id"] for key in ("places", "actors") for each in data.get(key, [])]  # type: ignore[attr-defined]  # lists
    return named, str(data.get("query", "")), str(data.get("since", ""))[:10]


@pytest.mark.parametrize(
    ("before", "said", "meant"),
    [
        ("Kazakhstan", "what about last week", (["KZ"], "", "2026-11-09")),
        ("uranium in Kazakhstan last week", "and Uzbekistan?", (["UZ"], "uranium", "2026-11-09")),
        ("Kazakhstan yesterday", "how about gas", (["KZ"], "gas", "2026-11-17")),
        ("новости Казахстана", "а на прошлой неделе?", (["KZ"], "", "2026-11-09")),
        ("уран в Казахстане", "а в Узбекистане?", (["UZ"], "уран", "")),
        ("Kazakhstan last week", "Uzbekistan", (["UZ"], "", "")),
        ("Kazakhstan last week", "yesterday", ([], "", "2026-11-17")),
        ("thanks", "and Uzbekistan?", (["UZ"], "", "")),
    ],
)
async def test_a_question_goes_on_from_the_one_before(
    anna: TalkingReader, before: str, said: str, meant: tuple[list[str], str, str]
) -> None:
    await anna.say(before)
    assert asked(await anna.say(said)) == meant


async def test_a_trend_goes_on_as_a_trend(anna: TalkingReader) -> None:
    await anna.say("/trend Kazakhstan 30d")
    assert (await anna.say("and Uzbekistan?")).data["intent"] == "trend"


async def test_two_chats_do_not_go_on_from_each_other(anna: TalkingReader) -> None:
    await anna.say("Kazakhstan last week")
    anna.who = "telegram:2"
    assert asked(await anna.say("and Uzbekistan?")) == (["UZ"], "", "")


async def test_back_asks_the_last_question_again(anna: TalkingReader) -> None:
    await anna.say("Kazakhstan last week")
    await anna.say("help")
    assert asked(await anna.say("back")) == (["KZ"], "", "2026-11-09")


@pytest.mark.parametrize("word", ["yes", "да"])
async def test_yes_confirms_and_no_leaves_it(anna: TalkingReader, word: str) -> None:
    await anna.say("follow Kazakhstan")
    await anna.say("/forget")
    assert "nothing was changed" in (await anna.say("no")).plain
    assert (await anna.say(word)).data["intent"] == "empty"  # what was left is no longer on offer
    await anna.say("/forget")
    assert (await anna.say(word)).data["confirmed"] is True
    assert await anna.follows.following(anna.who) == []


async def test_after_being_forgotten_nothing_goes_on(anna: TalkingReader) -> None:
    await anna.say("Kazakhstan last week")
    await anna.say("/forget yes")
    assert asked(await anna.say("and Uzbekistan?")) == (["UZ"], "", "")


async def test_yes_takes_the_one_thing_that_was_meant(anna: TalkingReader) -> None:
    reply = await anna.say("follow Uzbikistan")
    assert "Did you mean Uzbekistan?" in reply.plain
    assert (await anna.say("yes")).data["followed"] == ["country:UZ"]


@pytest.mark.parametrize(
    "said", ["the second one", "open the second", "tell me more about the second", "открой вторую"]
)
async def test_a_story_can_be_named_by_its_place_in_the_list(anna: TalkingReader, said: str) -> None:
    reply = await anna.say(said)
    assert (reply.data["intent"], reply.data["query"]) == ("story", "2")


@pytest.mark.parametrize(
    "said",
    [
        "you are stupid",
        "fuck you",
        "lol",
        "who are you",
        "👍",
        "😀😀",
        "ты кто?",
        "дурак",
        "как дела",
        "пока",
        "привет, как дела?",
        "ты тупой бот",
        "ну и что",
        "got it",
        "ок, понял",
    ],
)
async def test_small_talk_and_insults_are_no_questions(anna: TalkingReader, said: str) -> None:
    reply = await anna.say(said)
    assert reply.data["intent"] == "chat"
    assert reply.buttons


@pytest.mark.parametrize(
    ("said", "followed"),
    [
        ("follow kz and uz", ["country:KZ", "country:UZ"]),
        ("follow it and me", []),
        ("и на токаева тоже подпиши", ["actor:kassym-jomart-tokayev"]),
        ("podpishi na tadjikistan", ["country:TJ"]),
    ],
)
async def test_follows_in_few_words(anna: TalkingReader, said: str, followed: list[str]) -> None:
    await anna.say(said)
    assert await anna.followed() == followed


@pytest.mark.parametrize(
    "said",
    [
        "хватит слать про казахстан",
        "от казахстана отпишись",
        "казахстан больше не надо",
        "i dont wanna hear about kazakhstan",
        "ignore kazakhstan",
        "dont follow anything",
    ],
)
async def test_follows_are_left_in_many_ways(anna: TalkingReader, said: str) -> None:
    await anna.say("follow Kazakhstan")
    await anna.say(said)
    assert await anna.followed() == []


@pytest.mark.parametrize("said", ["tomorrow", "next week", "что будет завтра?"])
async def test_what_will_be_is_not_known(anna: TalkingReader, said: str) -> None:
    assert (await anna.say(said)).data["intent"] == "future"


@pytest.mark.parametrize(
    ("said", "meant"),
    [
        ("<b>Kazakhstan</b>", (["KZ"], "", "")),
        ("Kazakhstan <script>alert(1)</script>", (["KZ"], "alert(1", "")),
        ("kazakhstan -russia", (["KZ"], "", "")),
        ("новости за 2019 год", ([], "", "2019-01-01")),
        ("06/2024", ([], "", "2024-06-01")),
        ("14/06/2025", ([], "", "2025-06-14")),
        ("whats happening in kazahstan rn", (["KZ"], "", "")),
        ("putin and xi", (["vladimir-putin", "xi-jinping"], "", "")),
        ("trump vs kim jong un", (["donald-trump", "kim-jong-un"], "", "")),
        ("путин и си", (["vladimir-putin", "xi-jinping"], "", "")),
        ("us news", (["US"], "", "")),
        ("что было вчера в Киргизии", (["KG"], "", "2026-11-17")),
        ("и Армению тоже", (["AM"], "", "")),
        ("uranium or gas", ([], "uranium OR gas", "")),
        ("уран или газ в Казахстане", (["KZ"], "уран OR газ", "")),
        ("uranium in Kazakhstan or Uzbekistan", (["KZ", "UZ"], "uranium", "")),
        ("news or Kazakhstan or gas", (["KZ"], "gas", "")),
        ("Мирзиёев", (["shavkat-mirziyoyev"], "", "")),
        ("🇰🇿", (["KZ"], "", "")),
    ],
)
async def test_as_impatient_people_write(
    anna: TalkingReader, said: str, meant: tuple[list[str], str, str]
) -> None:
    assert asked(await anna.say(said)) == meant


@pytest.mark.parametrize(
    ("said", "shown"),
    [
        ("quiet 22-7", "Quiet hours: 22:00–07:00"),
        ("тихие часы с 22 до 7", "Тихие часы: 22:00–07:00"),
        ("дайджест каждый день в 8", "каждый день в 08:00"),
        ("/settings zone GMT+5", "Time zone: UTC+5, now 20:30"),
        ("/language ru", "Готово. Язык: русский"),
        ("don't send me more than 5 a day", "Daily limit: 5 alerts"),
        ("не присылай больше 10 новостей в день", "Дневной лимит: 10"),
        ("don't message me between 23 and 7", "Quiet hours: 23:00–07:00"),
        ("не писать с 11 вечера до 7 утра", "Тихие часы: 23:00–07:00"),
        ("can you send me a daily summary at 8am", "08:00"),
        ("шли сводку каждый день в 9 вечера", "21:00"),
        ("я живу в ташкенте", "Asia/Tashkent"),
    ],
)
async def test_settings_in_free_words_are_shown_as_they_are_said(
    anna: TalkingReader, said: str, shown: str
) -> None:
    assert shown in (await anna.say(said)).plain


async def test_nothing_found_offers_no_way_that_finds_nothing(anna: TalkingReader) -> None:
    reply = await anna.say("Chad")
    labels = [button.label for row in reply.buttons for button in row]
    assert labels == ["Follow Chad", "Latest on Central Africa", "Latest news"]


async def test_words_in_russian_are_advised_to_be_tried_in_english(anna: TalkingReader) -> None:
    assert "попробуйте и по-английски" in (await anna.say("землетрясение")).plain
    assert "попробуйте и по-английски" in (await anna.say("нефть в Казахстане")).plain


async def test_everything_left_comes_back_with_one_button(anna: TalkingReader) -> None:
    for said in ("/follow KZ all", "/follow KZ +uranium", "/follow UZ"):
        await anna.say(said)
    before = {each.key: each.role for each in await anna.follows.following(anna.who)}
    left = await anna.say("unfollow everything")
    assert await anna.follows.following(anna.who) == []
    await anna.press(left, "Follow them again")
    assert {each.key: each.role for each in await anna.follows.following(anna.who)} == before


async def test_no_name_is_guessed_for_words_that_stories_have(
    anna: TalkingReader, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert "Did you mean Bill Gates?" in (await anna.say("gats in Kazakhstan")).plain

    async def search(_archive: object, _words: str, where: Filter, **_: object) -> HitPage:
        return HitPage() if where.countries else HitPage(hits=[Hit(enriched_story("gas"), "gas")])

    monkeypatch.setattr(NoStories, "search", search)
    assert "Did you mean" not in (await anna.say("gats in Kazakhstan")).plain


async def test_what_made_no_sense_is_nothing_to_go_on_from(anna: TalkingReader) -> None:
    await anna.say("latest on Georgia last week")
    assert (await anna.say("qwertyuiop")).data["error"] == "unknown_name"
    assert asked(await anna.say("and in India?")) == (["IN"], "", "2026-11-09")


async def test_stop_and_more_than_a_name_is_no_order(anna: TalkingReader) -> None:
    assert asked(await anna.say("stop the war in Ukraine")) == (["UA"], "stop war", "")


async def test_only_a_word_that_no_story_has_is_taken_for_a_misspelt_name(
    anna: TalkingReader, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert "Польша" in labels(await anna.say("больше всего"))

    async def search(_archive: object, words: str, _where: Filter, **_: object) -> HitPage:
        return HitPage(hits=[Hit(enriched_story("more"), "more")] if words == "больше" else [])

    monkeypatch.setattr(NoStories, "search", search)
    assert "Польша" not in labels(await anna.say("больше всего"))


@pytest.mark.parametrize("said", ["mute Kazakhstan until tomorrow", "заглуши Казахстан до завтра"])
async def test_a_mute_may_end_at_a_day(anna: TalkingReader, said: str) -> None:
    await anna.say(said)
    assert (await anna.preferred()).muted == {"country:KZ": datetime(2026, 11, 19, 8, tzinfo=UTC)}


@pytest.mark.parametrize(
    "said", ["snooze until tomorrow", "quiet until tomorrow", "не беспокой меня до завтра"]
)
async def test_so_may_a_snooze(anna: TalkingReader, said: str) -> None:
    await anna.say("/settings zone Almaty")
    await anna.say(said)
    assert (await anna.preferred()).muted == {"*": datetime(2026, 11, 19, 3, tzinfo=UTC)}


async def test_muted_and_stopped_settings_lead_back(anna: TalkingReader) -> None:
    await anna.say("/mute KZ")
    await anna.say("/stop")
    settings = await anna.say("/settings")
    assert "Kazakhstan" in (await anna.press(settings, "What is muted")).plain
    await anna.press(settings, "Let alerts come")
    assert not (await anna.preferred()).stopped


@pytest.mark.parametrize("said", ["follow me", "follow it", "/follow me", "follow", "subscribe", "подписки"])
async def test_small_words_are_no_countries_to_follow(anna: TalkingReader, said: str) -> None:
    reply = await anna.say(said)
    assert reply.data["intent"] in {"follow", "following"}
    assert await anna.followed() == []


@pytest.mark.parametrize(
    ("said", "intent"),
    [
        ("unmute", "unmute"),
        ("trend", "trend"),
        ("mute", "mute"),
        ("Настройки", "settings"),
        ("language", "settings"),
        ("how do i follow something", "follow"),
        ("как подписаться?", "follow"),
        ("how to unsubscribe", "following"),
        ("cancel subscription", "following"),
        ("turn off notifications", "stop"),
        ("выключи уведомления", "stop"),
        ("Kazakhstan trend", "trend"),
        ("русский язык", "settings"),
        ("кто президент Казахстана", "latest"),
        ("how do i stop this", "following"),
        ("за какими странами я слежу", "following"),
        ("turn notifications back on", "start"),
        ("верни уведомления", "start"),
        ("удали все мои данные", "forget"),
        ("как пользоваться", "help"),
        ("доброе утро", "greeting"),
        ("ассалому алейкум", "greeting"),
        ("merci", "thanks"),
        ("/стоп", "stop"),
        ("/подписаться", "follow"),
        ("pause everything til tomorrow", "snooze"),
        ("не шли ничего до завтра", "snooze"),
        ("включи всё обратно", "unmute"),
        ("переключи на английский", "settings"),
        ("пиши мне только по утрам", "settings"),
    ],
)
async def test_a_command_may_lack_its_slash(anna: TalkingReader, said: str, intent: str) -> None:
    assert (await anna.say(said)).data["intent"] == intent


async def test_settings_may_be_changed_without_a_slash(anna: TalkingReader) -> None:
    assert "weekly, Fri at 18:00" in (await anna.say("settings digest weekly friday at 6pm")).plain


async def test_two_presidents_are_followed_at_once(anna: TalkingReader) -> None:
    reply = await anna.say("follow putin and xi")
    assert reply.toast == "Following Vladimir Putin, Xi Jinping"
    assert await anna.followed() == ["actor:vladimir-putin", "actor:xi-jinping"]


async def test_a_mute_says_what_it_did_not_understand(anna: TalkingReader) -> None:
    assert "I did not understand “5 parsecs”." in (await anna.say("/mute KZ 5 parsecs")).plain


@pytest.mark.parametrize(
    ("said", "title"),
    [
        ("what did putin say about kazakhstan", "latest on Kazakhstan and Vladimir Putin"),
        ("russia and china", "latest on Russia or China"),
        ("us sanctions", "stories with “sanctions”, the United States"),
    ],
)
async def test_a_title_says_how_names_combine(anna: TalkingReader, said: str, title: str) -> None:
    reply = await anna.say(said)
    assert reply.plain.startswith(f"Nothing found: {title}.\nYou could widen it:")


async def test_a_question_is_widened_to_the_part_of_the_world(anna: TalkingReader) -> None:
    for country, region in (("Ireland", "Europe"), ("Guinea", "West Africa"), ("Türkiye", "the Middle East")):
        labels = [button.label for row in (await anna.say(f"news from {country}")).buttons for button in row]
        assert f"Latest on {region}" in labels


async def test_several_words_that_no_story_has_together_may_be_any(anna: TalkingReader) -> None:
    reply = await anna.say("won election in Georgia")
    widened = await anna.press(reply, "Any of these words")
    assert asked(widened) == (["GE"], "won OR election", "")
    assert "Any of these words" not in widened.plain
