"""Who is in a story: the cases that have gone wrong before, and the promises that every tag keeps."""

from datetime import date

import pytest

from services.enrich.actors import ActorTagger
from shared.events import ActorTag

DAY = date(2024, 6, 20)


@pytest.fixture(scope="module")
def tagger() -> ActorTagger:
    return ActorTagger.load()


def tag(
    tagger: ActorTagger, text: str, *, title: str | None = None, at: date | None = DAY, language: str = "en"
) -> dict[str, ActorTag]:
    return {one.id or one.name: one for one in tagger.tag(title, text, language=language, at=at)}


def people(tags: dict[str, ActorTag]) -> set[str]:
    return {key for key, one in tags.items() if one.kind == "person"}


def test_a_namesake_is_not_the_president(tagger: ActorTagger) -> None:
    tags = tag(
        tagger, "Prosecutor-General Yusuf Rahmon of Tajikistan accused a lawmaker. Rahmon gave no proof."
    )
    assert people(tags) == {"Yusuf Rahmon"}
    assert [one.text for one in tags["Yusuf Rahmon"].evidence] == ["Yusuf Rahmon", "Rahmon"]


def test_two_with_one_family_name_stay_two(tagger: ActorTagger) -> None:
    text = (
        "Tajik President Emomali Rahmon has ruled for decades. Prosecutor Yusuf Rahmon opened a case. "
        "Rahmon, the prosecutor, spoke briefly. President Rahmon did not."
    )
    tags = tag(tagger, text)
    assert people(tags) == {"emomali-rahmon", "Yusuf Rahmon"}
    assert len(tags["Yusuf Rahmon"].evidence) == 2
    assert len(tags["emomali-rahmon"].evidence) == 2


@pytest.mark.parametrize(
    "name",
    ["Emomamli Rahmon", "Emomali Rakhmon", "Imomali Rahmon", "Emomali Rahmonov"],
)
def test_spellings_and_slips_of_a_full_name_link(tagger: ActorTagger, name: str) -> None:
    assert "emomali-rahmon" in tag(tagger, f"Tajik President {name} opened a school in Khujand.")


@pytest.mark.parametrize("name", ["Kassym-Jomart Tokayev", "Kasym-Zhomart Tokaev", "Kassym Jomart Tokayev"])
def test_transliterations_link(tagger: ActorTagger, name: str) -> None:
    assert "kassym-jomart-tokayev" in tag(tagger, f"Kazakhstan's president, {name}, spoke in Almaty.")


def test_cyrillic_links_in_every_case(tagger: ActorTagger) -> None:
    tags = tag(
        tagger, "В Астане говорили с Касым-Жомартом Токаевым. О планах Токаева знают мало.", language="ru"
    )
    assert [one.text for one in tags["kassym-jomart-tokayev"].evidence] == [
        "Касым-Жомартом Токаевым",
        "Токаева",
    ]


def test_a_turkish_suffix_is_no_part_of_the_name(tagger: ActorTagger) -> None:
    tags = tag(tagger, "Recep Tayyip Erdoğan'ın uçağı Astana'ya indi.", language="tr")
    assert set(tags) == {"recep-tayyip-erdogan"}


def test_a_womans_name_is_not_her_relatives(tagger: ActorTagger) -> None:
    tags = tag(tagger, "Arzu Aliyeva spoke in Baku, Azerbaijan. Ilhama Aliyeva listened.")
    assert "ilham-aliyev" not in tags


def test_family_names_of_office_holders_link_on_their_day_only(tagger: ActorTagger) -> None:
    text = "Putin visits Kazakhstan, while Raisi, Erdogan and Kakar attend a summit. Iran and Pakistan want a railway."
    then = tag(tagger, text, at=date(2023, 11, 9))
    assert people(then) == {"vladimir-putin", "ebrahim-raisi", "recep-tayyip-erdogan", "anwaar-ul-haq-kakar"}
    now = tag(tagger, text, at=date(2026, 5, 1))
    assert {"ebrahim-raisi", "anwaar-ul-haq-kakar"}.isdisjoint(now)
    assert {"Raisi", "Kakar"} <= people(now)


def test_an_undated_story_may_be_of_any_recent_year(tagger: ActorTagger) -> None:
    tags = tag(tagger, "Raisi flew to Tashkent. Iran and Uzbekistan signed nothing.", at=None)
    assert people(tags) == {"ebrahim-raisi"}


def test_a_full_name_links_long_after_the_office(tagger: ActorTagger) -> None:
    assert "ebrahim-raisi" in tag(tagger, "Iran remembers Ebrahim Raisi.", at=date(2026, 5, 19))


def test_a_family_name_alone_means_nobody(tagger: ActorTagger) -> None:
    tags = tag(tagger, "Sharif opened a bakery in Leeds. Khan sells him flour, and Brown brings the milk.")
    assert not any(one.id for one in tags.values())


def test_a_short_name_needs_something_beside_it(tagger: ActorTagger) -> None:
    assert "xi-jinping" in tag(tagger, "President Xi will speak on Friday.")
    assert "xi-jinping" in tag(tagger, "China sets a target. Xi said that it would be met.")
    assert "xi-jinping" not in tag(tagger, "Chapter XI of the report is about China.")
    assert tag(tagger, "Elections may come in May.") == {}


def test_a_title_and_the_day_decide_between_namesakes(tagger: ActorTagger) -> None:
    text = "President Trump met President Lukashenko and Prime Minister Sharif of Pakistan."
    assert people(tag(tagger, text, at=date(2025, 9, 1))) == {
        "donald-trump",
        "alexander-lukashenko",
        "shehbaz-sharif",
    }
    assert "shehbaz-sharif" not in tag(
        tagger, "Prime Minister Sharif of Pakistan spoke.", at=date(2015, 9, 1)
    )


def test_names_of_the_past_need_no_office_but_are_no_places(tagger: ActorTagger) -> None:
    assert people(tag(tagger, "A statue of Lenin was taken down in Osh.")) == {"vladimir-lenin"}
    assert tag(tagger, "She was born in Churchill, in the north of Manitoba.") == {}


def test_chinese_names_are_found_between_other_characters(tagger: ActorTagger) -> None:
    tags = tag(tagger, "国家主席习近平会见托卡耶夫，上海合作组织成员国出席。哈萨克斯坦", language="zh")
    assert {"xi-jinping", "sco"} <= set(tags)


def test_a_title_ends_with_its_sentence(tagger: ActorTagger) -> None:
    text = "Turkmen elder Gurbanguly Berdimuhamedow no longer is the president. Berdimuhamedow is a dentist."
    assert people(tag(tagger, text)) == {"gurbanguly-berdimuhamedow"}


def test_who_has_been_called_by_the_family_name_is_meant_again(tagger: ActorTagger) -> None:
    tags = tag(
        tagger, "US President Biden came with Jill Biden, who smiled. Biden spoke.", at=date(2023, 5, 1)
    )
    assert len(tags["joe-biden"].evidence) == 2
    assert len(tags["Jill Biden"].evidence) == 1


def test_a_child_is_not_the_father(tagger: ActorTagger) -> None:
    assert "mohammed-bin-rashid-al-maktoum" not in tag(
        tagger, "Hamdan bin Mohammed bin Rashid Al Maktoum rode in Dubai."
    )


def test_things_named_after_people_are_not_people(tagger: ActorTagger) -> None:
    text = (
        "Pallas's cat lives in Central Asia. The Jackson-Vanik amendment still stands. Planes land at John F. Kennedy "
        "Airport, and Trump Tower is lit. The tomb is of the Tang dynasty."
    )
    assert people(tag(tagger, text, at=date(2025, 5, 1))) == set()


def test_words_that_are_acronyms_only_in_capitals(tagger: ActorTagger) -> None:
    assert tag(tagger, "Who is late? It is said that the who and the is are words. Is that so?") == {}
    tags = tag(tagger, "WHO sent doctors to Mosul after IS fighters had left.")
    assert set(tags) == {"who", "islamic-state"}


def test_a_cricket_cup_is_no_court(tagger: ActorTagger) -> None:
    assert "icc" not in tag(tagger, "The ICC World Cup begins in Ahmedabad.")
    assert "icc" in tag(tagger, "Tajikistan is a member of the ICC and did not arrest him.")


def test_the_state_is_not_the_group(tagger: ActorTagger) -> None:
    assert "islamic-state" in tag(tagger, "The Islamic State claimed the bombing.")
    assert "islamic-state" not in tag(tagger, "It is an Islamic state with a long coast.")


def test_an_acronym_means_what_the_story_says(tagger: ActorTagger) -> None:
    tags = tag(tagger, "The Southern Canal Fund (SCF) paid. Nobody thanked the SCF.")
    assert [one.text for one in tags["Southern Canal Fund"].evidence] == ["Southern Canal Fund", "SCF", "SCF"]
    tags = tag(
        tagger, "The Interior Safety Institute (ISI) was founded in Lahore, Pakistan. The ISI tests helmets."
    )
    assert "pk-isi" not in tags


def test_a_forum_with_an_acronym_is_no_organisation(tagger: ActorTagger) -> None:
    assert tag(tagger, "The Astana International Forum (AIF) opens. The AIF is in its second year.") == {}


def test_the_ministry_of_a_country_is_its_own(tagger: ActorTagger) -> None:
    tags = tag(tagger, "The Kazakh Ministry of Foreign Affairs and Russia's FSB spoke.")
    assert {"kz-mfa", "ru-fsb"} == set(tags)
    assert tags["kz-mfa"].country == "KZ"


def test_people_nobody_listed_are_found_with_the_reason(tagger: ActorTagger) -> None:
    text = (
        "Deputy Minister, Aidar Seitkali, opened the mill. Gulnara Isakova, 34, works there. The self-exiled "
        "Bolot Dzhunushov was not invited, said his wife Nargiza Alieva."
    )
    tags = tag(tagger, text)
    assert people(tags) == {"Aidar Seitkali", "Gulnara Isakova", "Bolot Dzhunushov", "Nargiza Alieva"}
    assert tags["Gulnara Isakova"].evidence[0].kind == "age"
    assert all(0.5 <= one.confidence < 1 for one in tags.values())
    assert not any(one.id for one in tags.values())


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("Lt. Gen. Harold W. Pike spoke.", "Harold W. Pike"),
        ("Ursula von der Berg, who sings, left.", "Ursula von der Berg"),
        ("Actor Ko Wen-je said no.", "Ko Wen-je"),
        ("Director Emir Baizakov said yes.", "Emir Baizakov"),
    ],
)
def test_names_keep_their_parts(tagger: ActorTagger, text: str, name: str) -> None:
    assert people(tag(tagger, text)) == {name}


def test_a_headline_in_capitals_gives_known_names_only(tagger: ActorTagger) -> None:
    tags = tag(
        tagger,
        "Kazakhstan's Kassym-Jomart Tokayev met farmers. Marat Iskakov, a farmer, asked for rain.",
        title="TOKAYEV MEETS FARMERS AS ISKAKOV WAITS FOR RAIN",
    )
    assert people(tags) == {"kassym-jomart-tokayev", "Marat Iskakov"}
    assert tags["Marat Iskakov"].evidence[0].field == "title"


def test_evidence_points_at_the_original(tagger: ActorTagger) -> None:
    title, text = (
        "Erdoğan’s visit",
        "“Erdoğan’s plane landed,” said Mr. Çelik. Türkiye’s Recep Tayyip Erdoğan smiled.",
    )
    for one in tagger.tag(title, text, language="en", at=DAY):
        for evidence in one.evidence:
            assert {"title": title, "text": text}[evidence.field][
                evidence.start : evidence.end
            ] == evidence.text
            assert not evidence.text.endswith(("’s", "'s"))


@pytest.mark.parametrize(
    "text", ["", " ", "'", "''''", "\u0000", "….—(", "’s", "A", "(ABC)", "((((((((", "\ud800 Putin"]
)
def test_odd_input_is_harmless(tagger: ActorTagger, text: str) -> None:
    assert isinstance(tagger.tag(text, text, language="und", at=None), tuple)


@pytest.mark.parametrize(
    "piece",
    [
        "John Smith and ",
        "Bank of ",
        "President of China ",
        "European Space Agency (ESA) ",
        "Ann von ",
        "J. ",
        '"',
        "Putin, ",
    ],
)
def test_long_monotonous_text_is_read_to_the_end(tagger: ActorTagger, piece: str) -> None:
    text = piece * (180_000 // len(piece)) + "Emmanuel Macron"
    tags = tagger.tag(None, text, language="en", at=DAY)
    assert all(len(one.evidence) <= 12 for one in tags)
