"""How people ask for something to be done: to follow, to be left alone, to be told how much, in which language.

The patterns work on folded text, as those of ``phrases``.
"""

import re
from typing import Literal

from services.bot.conversation.phrases import END, before, whole

_NEWS = r"(?: (?:any|the|more|new|latest))*(?: (?:news|alerts?|stories|updates|something|anything|things))?"
_UNFOLLOW = before(
    r"un-?fol+ow|un-?subscribe(?: me)?(?: from)?|(?:stop|quit) (?:following|watching|tracking|alerts (?:on|about|for))"
    rf"|(?:stop|don't|do not) (?:sending|send|telling|tell|showing|show)(?: me)?{_NEWS}(?: (?:on|about|from|of))?"
    rf"|(?:i )?(?:don't|dont|do not) (?:want|need){_NEWS}(?: (?:on|about|from|of))?"
    r"|stop(?= (?:everything|all) (?:but|except))|stop (?:the |any )?(?:news|alerts|stories"
    r"|updates) (?:on|about|from|of)"
    r"|(?:я )?(?:больше )?не хочу(?: больше)?(?: получать| видеть| читать)?(?: новост[а-я]+"
    r"| ничего)? (?:про|об?о?|из|от)"
    r"|(?:don't|do not) follow|no more (?:news|alerts|stories) (?:on|about|from|of)"
    r"|remove(?= .* from my)|отпиши(?:сь|те|те меня| меня)?(?: от)?|отписаться(?: от)?"
    r"|(?:больше )?(?:не|перестань|хватит)(?: хочу)?(?: больше)? следи(?:ть)?(?: за)?"
    r"|(?:больше )?не (?:присылай|шли|пиши|показывай)(?:те)?(?: мне)?(?: (?:новости|ничего))?(?: про| об?о?| из)?"
    r"|(?:убери|удали)(?: из подписок)?"
)
_FOLLOW = before(
    r"(?:i (?:want|would like|'d like) to |i'd like to |can you |could you )?"
    r"(?:fol+ow|subscribe(?: me)?(?: to)?|track|watch"
    r"|keep (?:an eye|track|me (?:posted|updated|informed)) (?:on|of|about)"
    rf"|(?:notify|alert|tell|inform|ping|text|message) me (?:when|if|whenever)(?: there is| there's)?{_NEWS}"
    r"(?: (?:happens?|new|comes up|appears|changes))?(?: on| about| in| from| with)?"
    r"|(?:notify|alert|ping) me (?:of|on|about|to)|let me know (?:about|of|when|if))"
    r"|(?:я )?(?:хочу )?(?:подпиши(?:сь|те|те меня| меня)?|подписаться|подписка|следить|следи|слежу"
    r"|добавь(?:те)?(?: в подписки)?"
    r"|отслеживай(?:те)?|отслеживать|уведомляй(?:те)?(?: меня)?"
    r"|(?:сообщ(?:ай|и)|дай(?:те)? знать|напиши|скажи)(?:те)?(?: мне)?(?: если| когда)"
    r"(?: (?:что-?(?:то|нибудь|либо)?|будут|будет))?(?: (?:нового|новое|новости|случится|произойд[её]т|появится))?"
    r"|сообщай(?:те)?(?: мне)?"
    r"|(?:присылай|шли)(?:те)?(?: мне)?(?! дайджест)(?: новости| все)?"
    r"|держи(?:те)? (?:меня )?в курсе(?: событий| новостей)?)(?: на| за| об?о?| про| по| из| в)?"
)
#: What is followed or left is in ``rest``.
CHANGES: tuple[tuple[Literal["follow", "unfollow"], re.Pattern[str]], ...] = (
    ("unfollow", _UNFOLLOW),
    ("follow", _FOLLOW),
)
#: Errands in free words; what they are about is in ``rest``.
ERRANDS: tuple[tuple[str, re.Pattern[str]], ...] = (
    (
        "trend",
        before(
            r"(?:show (?:me )?)?(?:a |the )?(?:trend|chart|graph|stats|statistics)s?(?: of| for| on| in| about)?"
            r"|how (?:many|much) (?:stories|news|coverage)(?: is there| are there)?(?: on| about| of| from| for)?"
            r"|(?:покажи )?(?:график|тренд|динамик[ау]|статистик[ау])(?: новостей)?(?: по| для| об?о?| за)?"
            r"|сколько новостей(?: по| об?о?| про| из| в)?"
        ),
    ),
    ("trend", re.compile(rf"^(?P<rest>.*\S)\s+(?:trends?|chart|graph|график|динамика){END}")),
    (
        "notabout",
        before(
            r"(?:but )?(?:this|it|that)(?: one| story)?(?:'?s| is| was)?(?:n't| not)(?: really| at all)? about"
            r"|(?:this|it|that)(?: one| story)? has nothing to do with|(?:но )?это (?:вообще |совсем )?не (?:про|об?о?)"
        ),
    ),
    ("unmute", before(r"unmute|un-?snooze|включи(?:те)? (?:звук|уведомления)(?: для| по| об?о?)?")),
    (
        "snooze",
        before(
            r"snooze|(?:be )?quiet(?: for|(?= until))|не беспокой(?:те)?(?: меня)?"
            r"|(?:mute|silence|turn off|switch off) (?:everything|all(?: alerts| notifications)?)"
            r"(?= (?:for|until|till)\s)"
            r"|(?:от|вы)ключи(?:те)? (?:все )?уведомления(?= (?:на|до)\s)|тишина(?: на)?|тихо"
        ),
    ),
    (
        "mute",
        before(
            r"mute|silence|заглуши(?:те)?|отключи(?:те)? (?:звук|уведомления)(?: для| по| об?о?)?|приглуши(?:те)?"
        ),
    ),
    ("zone", before(r"(?:set )?(?:my )?time ?zone(?: is| to)?|(?:мой )?часовой пояс")),
    (
        "cap",
        re.compile(
            r"^(?:limit|max(?:imum)?|(?:send )?(?:no more than|at most)|не больше|максимум)(?: to| of| me)?"
            rf" (?P<rest>\d{{1,3}})(?: alerts?| messages?| news| [а-я]+)?(?: (?:a|per|each"
            rf"|в) (?:day|день)| daily)?{END}"
        ),
    ),
    ("language", before(r"(?:set|change|switch) (?:the |my )?lang(?:uage)?(?: to)?")),
    (
        "settings",
        before(r"(?:my )?settings?(?= (?:language|lang|zone|quiet|digest|cap|previews))|настройки"),
    ),
    ("quiet", before(r"quiet(?: hours)?(?= (?:from |off|\d))|тихие часы")),
    (
        "digest",
        before(
            r"(?:(?:send|give)(?: me)? |i (?:want|would like) )?(?:a |the |my )?(?:news )?digest"
            r"(?= (?:daily|weekly|day|week|off|every|each|at|on|in|mon|tue|wed|thu|fri|sat|sun))"
            r"|(?:(?:присылай|шли)(?:те)?(?: мне)? )?дайджест"
        ),
    ),
)


def _speak(english: str, russian: str) -> re.Pattern[str]:
    """Return what asks to be spoken to in a language, by its names: "russian", «русский», «по-русски»."""
    stem = russian.removesuffix("ий")
    return whole(
        rf"(?:(?:the )?same(?: thing)? )?(?:(?:speak|switch to|change to|answer in|in|use) )?{english}"
        rf"|{russian}(?: язык)?|(?:language|язык):? (?:{english}|{russian})"
        rf"|news in {english}|(?:говори(?:те)?|пиши(?:те)?|отвечай(?:те)?|давай|новости|то же(?: самое)?|а|и)? ?"
        rf"(?:по[- ]{stem}и|на {stem}ом)(?: языке)?"
    )


#: Settings chosen in free words.
CHOICES: tuple[tuple[str, re.Pattern[str]], ...] = (
    ("language ru", _speak("russian", "русский")),
    ("language en", _speak("english", "английский")),
    (
        "language",
        whole(r"(?:change|switch|set)(?: the| my)? language|(?:смени|поменяй|измени)(?:ть|те)? язык"),
    ),
    (
        "quiet off",
        whole(
            r"(?:turn|switch) off(?: the| my)? quiet hours|no quiet hours|(?:вы|от)ключи(?:ть|те)? тихие часы"
        ),
    ),
    ("zone", whole(r"(?:what(?:'?s| is) )?my time ?zone|(?:какой у меня|мой) часовой пояс")),
    ("previews off", whole(r"(?:no|turn off|switch off|disable)(?: the| link)? previews?|без предпросмотра")),
    (
        "digest off",
        whole(r"(?:turn off|disable|no|stop|cancel)(?: the| my)? digests?|(?:вы|от)ключи(?:ть|те)? дайджест"),
    ),
    (
        "digest",
        whole(
            r"(?:turn on|enable|set up|can i (?:get|have)|i want|give me|send me)(?: the| my| a)?"
            r"(?: daily| weekly)? digest"
            r"|(?:(?:can i (?:get|have)|i want|send me) )?(?:news|alerts|stories) (?:only )?once a (?:day|week)"
            r"|включи(?:ть|те)? дайджест"
            r"|(?:присылай|шли|хочу)(?:те)? (?:мне )?(?:сводку|дайджест)(?: по утрам| по вечерам)?"
            r"|(?:(?:могу я|можно|хочу)(?: ли)? (?:получать )?)?(?:новости|сводку) (?:только )?раз в"
            r" (?:день|сутки|неделю)"
        ),
    ),
    (
        "quiet",
        whole(
            r"(?:don't|do not|no|stop)(?: (?:send|sending|wake|alert|message|bother)(?:ing)?)?(?: me)?"
            r"(?: (?:with )?(?:anything|alerts|messages|news))?(?: up)? (?:at|during the|in the) night"
            r"|(?:не|ничего не) (?:присылай|шли|пиши|беспокой|буди)(?:те)?(?: мне| меня)?(?: ничего)?"
            r" (?:ночью|по ночам)"
        ),
    ),
)
