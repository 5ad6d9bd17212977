"""How people ask for something to be done: to follow, to be left alone, to be told how much, in which language.

The patterns work on folded text, as those of ``phrases``.
"""

import re
from typing import Literal

from services.bot.conversation.phrases import ALSO, END, before, whole

_NEWS = r"(?: (?:any|the|more|new|latest))*(?: (?:news|alerts?|stories|updates|something|anything|things))?"
_UNFOLLOW = before(
    r"un-?fol+ow|un-?subscribe(?: me)?(?: from)?|(?:stop|quit) (?:following|watching|tracking"
    r"|alerts (?:on|about|for))"
    rf"|(?:stop|don't|do not) (?:sending|send|telling|tell|showing|show)(?: me)?{_NEWS}(?: (?:on|about"
    rf"|from|of))?"
    rf"|(?:i )?(?:don't|dont|do not) (?:want|wanna|need)(?:(?: to)? (?:hear|see|get|read"
    rf"|know))?{_NEWS}(?: (?:on|about|from|of))?"
    r"|stop(?= (?:everything|all) (?:but|except))|stop (?:the |any )?(?:news|alerts|stories"
    r"|updates) (?:on|about|from|of)"
    r"|(?:я )?(?:больше )?не хочу(?: больше)?(?: получать| видеть| читать)?(?: новост[а-я]+"
    r"| ничего)? (?:про|об?о?|из|от)"
    r"|(?:don't|dont|do not) follow|no more (?:news|alerts|stories) (?:on|about|from|of)"
    r"|remove(?= .* from my)|отпиши(?:сь|те|те меня| меня)?(?: от)?|отписаться(?: от)?"
    r"|(?:больше )?(?:не|перестань|хватит)(?: хочу)?(?: больше)? следи(?:ть)?(?: за)?"
    r"|(?:больше )?не (?:присылай|шли|пиши|показывай)(?:те)?(?: мне)?(?: (?:новости|ничего))?(?: про"
    r"| об?о?| из)?"
    r"|(?:хватит|перестань(?:те)?|прекрати(?:те)?|(?:больше )?не)(?: мне)? (?:слать|присылать|писать"
    r"|показывать)"
    r"(?: мне)?(?: (?:новост[а-я]+|ничего|все))?(?: про| об?о?| из| по)?"
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
    r"(?: (?:что-?(?:то|нибудь|либо)?|будут|будет))?(?: (?:нового|новое|новости|случится"
    r"|произойд[её]т|появится))?"
    r"|сообщай(?:те)?(?: мне)?"
    r"|(?:присылай|шли)(?:те)?(?: мне)?(?! (?:дайджест|сводку))(?: новости| все)?"
    r"|держи(?:те)? (?:меня )?в курсе(?: событий| новостей)?)(?: на| за| об?о?| про| по| из| в)?"
)
#: What is followed or left is in ``rest``.
CHANGES: tuple[tuple[Literal["follow", "unfollow"], re.Pattern[str]], ...] = (
    ("unfollow", _UNFOLLOW),
    ("follow", _FOLLOW),
    # the verb may stand last
    (
        "follow",
        re.compile(
            rf"^{ALSO}(?:на|за) (?P<rest>\S.*?) (?:тоже |также )?(?:подпиши(?:сь|те|те меня| меня)?"
            rf"|следи(?:те)?){END}"
        ),
    ),
    (
        "unfollow",
        re.compile(rf"^{ALSO}от (?P<rest>\S.*?) (?:тоже |также )?отпиши(?:сь|те|те меня| меня)?{END}"),
    ),
)
#: What means to leave something only where nothing but names stands beside it: "stop the war" is a search.
LEAVING = (
    before(r"stop|ignore|drop|enough(?: of)?|no more|хватит(?: про| об?)?"),
    re.compile(rf"^{ALSO}(?P<rest>\S.*?) (?:больше )?(?:убери(?:те)?|не надо|не нужн[аоы]?|хватит){END}"),
)
_SEND = (
    r"(?:send|write|alert|message|bother|disturb|wake|присыла(?:й|ть)|шли|слать|пиши|писать"
    r"|беспоко(?:й|ить)|буди(?:ть)?)"
    r"(?:те|ing)?(?: me| мне| меня)?"
)
_DO_NOT = r"(?:(?:please )?(?:don't|dont|do not|never|stop|no|ничего не|не)|(?:больше )?не)"
#: Errands told by their numbers, which come before following and leaving: "don't send me more than 5 a day".
MEASURED: tuple[tuple[str, re.Pattern[str]], ...] = (
    (
        "snooze",
        before(
            rf"{_DO_NOT} {_SEND}(?: anything| alerts| messages| ничего| уведомлени[а-я]+)?"
            r"(?= (?:until|till?|for \d|до|на \d))"
        ),
    ),
    (
        "cap",
        re.compile(
            rf"^{ALSO}(?:limit|max(?:imum)?|(?:send(?: me)? )?(?:no|not) more than"
            rf"|(?:send(?: me)? )?(?:at most|up to)"
            rf"|{_DO_NOT} {_SEND} (?:more than|больше|более)|не (?:больше|более)|максимум)(?: to| of| me)?"
            r" (?P<rest>\d{1,3})(?: alerts?| messages?| news| stories| [а-я]+)?(?: (?:a|per|each"
            rf"|в) (?:day|день)| daily)?{END}"
        ),
    ),
    (
        "quiet",
        before(
            r"quiet(?: hours)?(?= (?:from |off|\d))|тихие часы"
            rf"|{_DO_NOT} (?:{_SEND}|alerts|messages|notifications)(?: anything| alerts| messages"
            rf"| уведомлени[а-я]+)?"
            r"(?= (?:from|between|со?|между) \d{1,2}(?!\d))"
        ),
    ),
)
#: Errands in free words; what they are about is in ``rest``.
ERRANDS: tuple[tuple[str, re.Pattern[str]], ...] = (
    (
        "trend",
        before(
            r"(?:show (?:me )?)?(?:a |the )?(?:trend|chart|graph|stats|statistics)s?(?: of| for| on"
            r"| in| about)?"
            r"|how (?:many|much) (?:stories|news|coverage|articles)(?: (?:is|are) there)?(?: on"
            r"| about| of| from| for)?"
            r"|how (?:many|much)(?: (?:is|are|was|were)(?: there)?(?: written)?)? (?:on|about)"
            r"|(?:покажи )?(?:график|тренд|динамик[ау]|статистик[ау])(?: новостей)?(?: по| для| об?о?| за)?"
            r"|сколько (?:новостей|статей|публикаций|сообщений)(?: есть| было)?(?: по| об?о?| про| из| в)?"
            r"|сколько(?: раз)?(?: (?:писали|пишут|было|есть))? (?:по|об?о?|про)"
        ),
    ),
    ("trend", re.compile(rf"^(?P<rest>.*\S)\s+(?:trends?|chart|graph|график|динамика){END}")),
    (
        "notabout",
        before(
            r"(?:but )?(?:this|it|that)(?: one| story)?(?:'?s| is| was)?(?:n't| not)(?: really"
            r"| at all)? about"
            r"|(?:this|it|that)(?: one| story)? has nothing to do with|(?:но )?это (?:вообще "
            r"|совсем )?не (?:про|об?о?)"
        ),
    ),
    ("unmute", before(r"unmute|un-?snooze|включи(?:те)? (?:звук|уведомления)(?: для| по| об?о?)?")),
    (
        "unmute",
        re.compile(rf"^(?:turn|switch) (?P<rest>everything|all)(?: alerts)? (?:back )?on(?: again)?{END}"),
    ),
    (
        "unmute",
        re.compile(rf"^(?:включи|верни)(?:те|ть)? (?P<rest>все)(?: обратно| снова| опять| назад)?{END}"),
    ),
    (
        "snooze",
        before(
            r"snooze|(?:be )?quiet(?: for|(?= until))|не беспокой(?:те)?(?: меня)?(?: по| про| об?о?"
            r"| насчет)?"
            r"|(?:mute|silence|pause|turn off|switch off) (?:everything|all(?: alerts| notifications)?)"
            r"(?= (?:for|until|till?)\s)"
            r"|(?:от|вы)ключи(?:те)? (?:все )?уведомления(?= (?:на|до)\s)|тишина(?: на)?|тихо"
        ),
    ),
    (
        "mute",
        before(
            r"mute|silence|заглуши(?:те)?|отключи(?:те)? (?:звук|уведомления)(?: для| по| об?о?)?"
            r"|приглуши(?:те)?"
        ),
    ),
    ("zone", before(r"(?:set )?(?:my )?time ?zone(?: is| to)?|(?:мой )?часовой пояс")),
    ("zone", before(r"i live in|my city is|я живу в|мой город")),
    ("language", before(r"(?:set|change|switch) (?:the |my )?lang(?:uage)?(?: to)?")),
    (
        "settings",
        before(r"(?:my )?settings?(?= (?:language|lang|zone|quiet|digest|cap|previews))|настройки"),
    ),
    (
        "digest",
        before(
            r"(?:(?:send|give)(?: me)? |i (?:want|would like) )?(?:a |the |my )?(?:news )?digest"
            r"(?= (?:daily|weekly|day|week|off|every|each|at|on|in|mon|tue|wed|thu|fri|sat|sun))"
            r"|(?:can you |could you )?(?:(?:send|give)(?: me)? |i (?:want|would like) )?(?:a |the |my )?"
            r"(?:daily |weekly )?(?:summary|briefing|overview)(?= (?:at \d|every|each|daily|weekly))"
            r"|(?:(?:присылай|шли|хочу)(?:те)?(?: мне)? )?дайджест"
            r"|(?:(?:присылай|шли|хочу)(?:те)?(?: мне)? )?сводку(?= (?:в \d|кажд|ежедневно"
            r"|еженедельно|по утрам в|раз в))"
        ),
    ),
)


def _speak(english: str, russian: str) -> re.Pattern[str]:
    """Return what asks to be spoken to in a language, by its names: "russian", «русский», «по-русски»."""
    stem = russian.removesuffix("ий")
    return whole(
        rf"(?:(?:the )?same(?: thing)? )?(?:(?:speak|switch to|change to|answer in|in|use) )?{english}"
        rf"|(?:(?:переключи|перейди)(?:сь|те)? на )?{russian}(?: язык)?|(?:language"
        rf"|язык):? (?:{english}|{russian})"
        rf"|news in {english}|(?:говори(?:те)?|пиши(?:те)?|отвечай(?:те)?|давай|новости"
        rf"|то же(?: самое)?|а|и)? ?"
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
            r"|(?:(?:can i (?:get|have)|i want|send me) )?(?:(?:news|alerts|stories) )?(?:only |just )?"
            r"once (?:a|per) (?:day|week)"
            r"|(?:can you )?(?:send|message|write|text)(?: me)?(?: news| alerts)? only (?:in the"
            r"|at) (?:morning|evening)s?"
            r"|(?:what time|when) (?:do|will) (?:you send|i get) (?:the|my) digest"
            r"|(?:во сколько|когда) (?:приходит|придет|будет) дайджест"
            r"|(?:пиши|присылай|шли)(?:те)?(?: мне)?(?: новости)? только по (?:утрам|вечерам)"
            r"|включи(?:ть|те)? дайджест"
            r"|(?:присылай|шли|хочу)(?:те)? (?:мне )?(?:сводку|дайджест)(?: по утрам| по вечерам)?"
            r"|(?:(?:могу я|можно|хочу)(?: ли)? (?:получать )?)?(?:(?:новости|сводку) )?(?:только )?раз в"
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
