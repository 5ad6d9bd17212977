"""How people put things, in English and in simple Russian. Only patterns stand here; ``intents`` reads them.

The patterns work on folded text (see ``cleaning.fold``): caseless, a plain apostrophe, е for ё.
"""

import re
from typing import Literal

_PLEASE = r"(?:please,? |пожалуйста,? )?"
_END = r"[\s.!?…)]*$"


def _whole(pattern: str) -> re.Pattern[str]:
    return re.compile(rf"^{_PLEASE}(?:{pattern}){_END}")


def _before(pattern: str) -> re.Pattern[str]:
    return re.compile(rf"^{_PLEASE}(?:{pattern})\s+(?P<rest>\S.*)$")


WholeKind = Literal[
    "greeting", "thanks", "following", "help", "start", "forget", "empty", "more",
    "today", "settings", "privacy", "stop", "export", "import",
    "yes", "no", "back", "chat", "future", "follow",
]  # fmt: skip

#: Sentences that mean one thing as a whole.
WHOLE: tuple[tuple[WholeKind, re.Pattern[str]], ...] = (
    (
        "greeting",
        _whole(
            r"(?:hi|hello|hey|hiya|good (?:morning|day|afternoon|evening)|привет(?:ик|ствую)?|здравствуй(?:те)?"
            r"|доброе утро|добрый (?:день|вечер)|салам|salam|salem|сәлем)(?:,? (?:there|all|bot|dateline|всем|бот))?"
        ),
    ),
    (
        "thanks",
        _whole(
            r"(?:many )?(?:thanks|thank you|thx|ty|cheers|спасибо|благодарю|рахмет|rahmat)"
            r"(?:,? (?:you|a lot|very much|so much|bot|большое|вам|тебе|бот))*"
        ),
    ),
    (
        "following",
        _whole(
            r"(?:what|who|which \w+) (?:do|am|are) (?:i|we) (?:follow(?:ing)?|subscribed to|watching|tracking)"
            r"|(?:(?:show|list)(?: me)? )?my (?:follows?|followings?|subscriptions?|list|alerts)"
            r"|follow(?:s|ing)|subscriptions|(?:how (?:do i|can i|to) )?(?:unsubscribe|unfollow)"
            r"|cancel (?:my )?subscriptions?|(?:как (?:мне )?)?отписаться"
            r"|(?:(?:покажи|какие у меня) )?(?:мои )?подписки|на что я подписан[аы]?|за (?:чем|кем) я слежу"
        ),
    ),
    (
        "chat",
        _whole(
            r"(?:who|what) are you|are you (?:a |an )?(?:bot|robot|human|real|ai|there)"
            r"|(?:hi,? |hello,? |hey,? )?how are you(?: doing)?|so what|bye|goodbye"
            r"|see you|got it|i see|understood|(?:ок,? |окей,? )?понял[аи]?|понятно"
            r"|lol|haha+|wtf|omg|cool|great|good|wow|(?:you|this|it|that|bot)?(?:'?s| are| is|'re)?"
            r" ?(?:so |very |really )?(?:stupid|dumb|useless|idiot|bad|crap|shit|rubbish|sucks?|an? idiot)(?: bot)?"
            r"|(?:fuck|screw|damn)(?: you| off| it| this)?|shut up|(?:ты|вы) (?:кто|что|бот|робот|тут)|кто (?:ты|вы)"
            r"(?: такой| такая| такие)?|(?:привет,? )?как (?:дела|жизнь|ты)|ну и что|пока|до свидания"
            r"|(?:ты |вы |сам )?(?:дурак|дура|тупой|тупая"
            r"|тупица|идиот|бесполезный|глупый|дебил)(?: бот)?|(?:иди"
            r"|пош[её]л) (?:ты )?(?:на ?хуй|на ?хер|в жопу|к ч[её]рту)"
            r"|бред|фигня|отстой|круто|класс|отлично|супер|ничего себе"
        ),
    ),
    (
        "future",
        _whole(
            r"(?:what (?:will|is going to) happen )?(?:tomorrow|next (?:week|month|year))"
            r"|(?:что (?:будет|случится|произойдет) )?"
            r"(?:завтра|послезавтра|на следующей неделе|в следующем (?:месяце|году))"
        ),
    ),
    (
        "help",
        _whole(
            r"help(?: me)?|what can (?:you|i) (?:do|ask)(?: here| you)?|how (?:does this|do you) work|commands|menu"
            r"|помощь|помоги(?:те)?|справка|что (?:ты|вы) умее(?:шь|те)|как (?:это|ты) работает|команды|меню|\?+"
        ),
    ),
    (
        "start",
        _whole(
            r"start|старт|начать|начнем|(?:turn|switch) on (?:the |my )?(?:notifications|alerts)"
            r"|включи(?:те|ть)? уведомления"
        ),
    ),
    (
        "follow",
        _whole(
            r"how (?:do i|can i|to) (?:follow|subscribe)(?: to)?(?: something| a country| topics?)?"
            r"|как (?:мне )?(?:подписаться|следить|оформить подписку)(?: на .*| за .*)?"
        ),
    ),
    (
        "today",
        _whole(
            r"today|(?:what (?:happened|is happening|'?s new)|whats new|the news) today(?: by region)?"
            r"|(?:the )?(?:daily |today'?s |day'?s )?(?:overview|summary|brief(?:ing)?)(?: of (?:the day|today))?"
            r"|сегодня|(?:что (?:произошло|случилось|нового|происходит) )?сегодня|что сегодня(?: нового)?"
            r"|(?:обзор|сводка|итоги|картина)(?: (?:дня|за (?:день|сегодня)|на сегодня))?"
        ),
    ),
    (
        "settings",
        _whole(
            r"(?:(?:show|open|change)(?: me)? )?(?:my |the )?(?:settings?|preferences|options)"
            r"|(?:(?:покажи|открой|измени(?:ть)?|поменяй) )?(?:мои )?(?:настройк[аиу]|параметры)"
        ),
    ),
    (
        "privacy",
        _whole(
            r"privacy(?: policy| notice)?|what (?:data )?do you (?:know|keep|store|have)(?: about me| on me)?"
            r"|(?:конфиденциальность|приватность|политика конфиденциальности)"
            r"|(?:что|какие данные) (?:ты|вы) (?:обо мне )?(?:знае|храни|собирае)(?:шь|те)(?: обо мне)?"
        ),
    ),
    (
        "stop",
        _whole(
            r"(?:turn|switch) off (?:the |my )?(?:notifications|alerts)|(?:вы|от)ключи(?:те|ть)? уведомления"
            r"|stop(?: it| everything| all(?: alerts)?| alerts)?|(?:pause|no more) (?:all )?(?:the )?alerts"
            r"|стоп|хватит|остановись|(?:больше )?не присылай(?:те)?(?: мне)?(?: ничего| уведомления)?"
        ),
    ),
    (
        "export",
        _whole(r"(?:export|download)(?: my)?(?: follows| subscriptions| list| data)|экспорт(?: подписок)?"),
    ),
    ("import", _whole(r"import(?: my)?(?: follows| subscriptions| list| data)?|импорт(?: подписок)?")),
    (
        "forget",
        _whole(
            r"forget (?:me|about me|my data|everything(?: about me)?)"
            r"|(?:delete|erase|remove) (?:me|(?:all )?my (?:data|account)|everything about me)"
            r"|забудь(?:те)? (?:меня|обо мне(?: все)?)|удали(?:те)? (?:меня|мои данные|все обо мне)"
        ),
    ),
    ("yes", _whole(r"yes|yep|yeah|yup|yes please|да|ага|да,? конечно")),
    (
        "no",
        _whole(r"no|nope|cancel|never ?mind|no,? thanks|не надо|отмена|отменить|нет(?:,? спасибо)?"),
    ),
    # small words that are also country codes
    (
        "empty",
        _whole(r"ok|okay|sure|am|as|at|be|by|do|in|is|it|me|my|so|to|ок|ладно|хорошо"),
    ),
    (
        "more",
        _whole(
            r"(?:(?:show|tell|give)(?: me)? )?(?:some )?more|next(?: page| one)?|older|go on|continue"
            r"|(?:а |и )?(?:покажи |давай )?еще|дальше|далее|следующая(?: страница)?"
        ),
    ),
    ("back", _whole(r"(?:go )?back|previous(?: page)?|first page|назад|(?:предыдущая|первая) страница")),
)

_NUMBER = r"(?:story |number |no\.? ?|nr\.? ?|новость |номер |№ ?|#)?(?P<rest>\d{1,2})"
#: "open 2", "why 2": the reference to a story of the last list is in ``rest``.
_READ = _whole(rf"(?:open|show|read|story|открой|покажи|читать|прочти|новость)(?: me)? {_NUMBER}")
_WHY = _whole(
    r"(?:(?:and|but|а|и|но) )?(?:why|почему|с чего)"
    rf"(?: (?:{_NUMBER}|(?:is |was )?(?:this|that|it|the)?(?: story)?(?: here| tagged| shown)?"
    r"|эта новость|это))?"
)

_STORIES = r"(?:one|story|item|news|новость|статью|статья)"
#: "the second one", "открой вторую": each with the number that it stands for.
ORDINALS = tuple(
    (
        reference,
        re.compile(
            r"^(?:(?:(?:open|show|read)(?: me)?|(?:tell me |show me )?more (?:about|on)|открой|покажи|читать|прочти"
            rf"|подробнее(?: про| о)?) )?(?:the )?(?:{words})(?: {_STORIES})?{_END}"
        ),
    )
    for reference, words in (
        ("1", "first|1st|первую|первая|первой"),
        ("2", "second|2nd|вторую|вторая|второй"),
        ("3", "third|3rd|третью|третья|третьей"),
        ("4", "fourth|4th|четвертую|четвертая|четвертой"),
        ("5", "fifth|5th|пятую|пятая|пятой"),
        ("last", "last(?= (?:one|story|item))"),
    )
)
#: How a question begins that goes on from the one before: "and Uzbekistan?", «а на прошлой неделе?».
FOLLOW_UP = re.compile(
    r"^(?:(?:ok|okay|and|but|so|ну|а|и|но),? )*(?:(?:what|how) about|and|but|same (?:for|about|in)|only|just|а|и|но"
    r"|(?:а |и )?(?:что|как) (?:насчет|там)|то же|только) \S"
)

REFERENCES: tuple[tuple[Literal["story", "why"], re.Pattern[str]], ...] = (("story", _READ), ("why", _WHY))

_NEWS = r"(?: (?:any|the|more|new|latest))*(?: (?:news|alerts?|stories|updates|something|anything|things))?"
_UNFOLLOW = _before(
    r"un-?fol+ow|un-?subscribe(?: me)?(?: from)?|(?:stop|quit) (?:following|watching|tracking|alerts (?:on|about|for))"
    rf"|(?:stop|don't|do not) (?:sending|send|telling|tell|showing|show)(?: me)?{_NEWS}(?: (?:on|about|from|of))?"
    rf"|(?:i )?(?:don't|dont|do not) (?:want|need){_NEWS}(?: (?:on|about|from|of))?"
    r"|(?:don't|do not) follow|no more (?:news|alerts|stories) (?:on|about|from|of)"
    r"|remove(?= .* from my)|отпиши(?:сь|те|те меня| меня)?(?: от)?|отписаться(?: от)?"
    r"|(?:больше )?(?:не|перестань|хватит)(?: хочу)?(?: больше)? следи(?:ть)?(?: за)?"
    r"|(?:больше )?не (?:присылай|шли|пиши|показывай)(?:те)?(?: мне)?(?: (?:новости|ничего))?(?: про| об?о?| из)?"
    r"|(?:убери|удали)(?: из подписок)?"
)
_FOLLOW = _before(
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
    r"|(?:присылай|шли)(?:те)?(?: мне)?(?: новости| все)?"
    r"|держи(?:те)? (?:меня )?в курсе(?: событий| новостей)?)(?: на| за| об?о?| про| по| из| в)?"
)
#: What is followed or left is in ``rest``.
CHANGES: tuple[tuple[Literal["follow", "unfollow"], re.Pattern[str]], ...] = (
    ("unfollow", _UNFOLLOW),
    ("follow", _FOLLOW),
)
#: What is looked for is in ``rest``.
SEARCH = _before(
    r"search(?: for)?|find(?: me)?(?: stories| news)?(?: with| mentioning| about| on)?|look (?:for|up)"
    r"|stories (?:with|mentioning)|найди(?:те)?(?: мне)?|найти|поиск|поищи(?:те)?|ищи|искать"
)

#: Errands in free words; what they are about is in ``rest``.
ERRANDS: tuple[tuple[str, re.Pattern[str]], ...] = (
    (
        "trend",
        _before(
            r"(?:show (?:me )?)?(?:a |the )?(?:trend|chart|graph|stats|statistics)s?(?: of| for| on| in| about)?"
            r"|how (?:many|much) (?:stories|news|coverage)(?: is there| are there)?(?: on| about| of| from| for)?"
            r"|(?:покажи )?(?:график|тренд|динамик[ау]|статистик[ау])(?: новостей)?(?: по| для| об?о?| за)?"
            r"|сколько новостей(?: по| об?о?| про| из| в)?"
        ),
    ),
    ("trend", re.compile(rf"^(?P<rest>.*\S)\s+(?:trends?|chart|graph|график|динамика){_END}")),
    ("unmute", _before(r"unmute|un-?snooze|включи(?:те)? (?:звук|уведомления)(?: для| по| об?о?)?")),
    (
        "mute",
        _before(
            r"mute|silence|заглуши(?:те)?|отключи(?:те)? (?:звук|уведомления)(?: для| по| об?о?)?|приглуши(?:те)?"
        ),
    ),
    (
        "snooze",
        _before(r"snooze|(?:be )?quiet(?: for|(?= until))|не беспокой(?:те)?(?: меня)?|тишина(?: на)?|тихо"),
    ),
    ("zone", _before(r"(?:set )?(?:my )?time ?zone(?: is| to)?|(?:мой )?часовой пояс")),
    (
        "settings",
        _before(r"(?:my )?settings?(?= (?:language|lang|zone|quiet|digest|cap|previews))|настройки"),
    ),
    ("quiet", _before(r"quiet(?: hours)?(?= (?:from |off|\d))|тихие часы")),
    (
        "digest",
        _before(r"digest(?= (?:daily|weekly|day|week|off|every|at|on|mon|tue|wed|thu|fri|sat|sun))|дайджест"),
    ),
)
#: Asking to be spoken to in another language.
LANGUAGES: tuple[tuple[str, re.Pattern[str]], ...] = (
    (
        "ru",
        _whole(
            r"(?:(?:speak|switch to|change to|answer in|in|use) )?russian|русский(?: язык)?"
            r"|(?:language|язык):? (?:russian|русский)"
            r"|(?:говори(?:те)?|пиши(?:те)?|отвечай(?:те)?|давай)? ?(?:по[- ]русски|на русском)(?: языке)?"
        ),
    ),
    (
        "en",
        _whole(
            r"(?:(?:speak|switch to|change to|answer in|in|use) )?english|английский(?: язык)?"
            r"|(?:language|язык):? (?:english|английский)"
            r"|(?:говори(?:те)?|пиши(?:те)?|отвечай(?:те)?|давай)? ?(?:по[- ]английски|на английском)(?: языке)?"
        ),
    ),
)
