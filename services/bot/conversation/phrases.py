"""How people put things, in English and in simple Russian. Only patterns stand here; ``intents`` reads them.

The patterns work on folded text (see ``cleaning.fold``): caseless, a plain apostrophe, е for ё.
"""

import re
from typing import Literal

_PLEASE = r"(?:please,? |пожалуйста,? )?"
_KINDLY = r"(?:,? (?:please|pls|plz|пожалуйста|пжлст|плиз))?"
#: What links an order to the words before it: "and follow", «и ещё подпишись».
ALSO = r"(?:(?:and|also|then|и|а|еще|также),? )*"
END = r"[\s.!?…)]*$"


def whole(pattern: str) -> re.Pattern[str]:
    """Return what matches a text that is nothing but the pattern, politely put or not."""
    return re.compile(rf"^{_PLEASE}(?:{pattern}){_KINDLY}{END}")


def before(pattern: str) -> re.Pattern[str]:
    """Return what matches a text that begins with the pattern; what stands behind it is in ``rest``."""
    return re.compile(rf"^{ALSO}{_PLEASE}(?:{pattern})\s+(?P<rest>\S.*)$")


_WISH = r"good (?:morning|day|afternoon|evening)|добр(?:ое утро|ый (?:день|вечер))|здравствуй(?:те)?"
_GREETING = (
    rf"hi|hello|hey|hiya|{_WISH}|привет(?:ик|ствую)?|сал[ао]м|salam|salem|сәлем|hallo|hola|bonjour"
    rf"|merhaba|selam"
    r"|асс?ал[ао]му? ал[ае]й?кум|ass?al[ao]mu? al[ae][iy]kum|morning|evening"
)
_GREETED = r"(?:,? (?:there|all|bot|dateline|всем|бот))?"
#: A greeting before what is wanted: "good morning! what did I miss". Salam Fayyad is greeted by no comma.
GREETED = re.compile(rf"^(?:(?:{_GREETING}){_GREETED}[,.!]+|(?:{_WISH}){_GREETED} )\s*(?=\w)")

WholeKind = Literal[
    "greeting", "thanks", "following", "help", "start", "forget", "empty", "more",
    "today", "settings", "privacy", "stop", "export", "import",
    "yes", "no", "back", "chat", "future", "follow", "latest",
]  # fmt: skip

#: Sentences that mean one thing as a whole.
WHOLE: tuple[tuple[WholeKind, re.Pattern[str]], ...] = (
    (
        "greeting",
        whole(rf"(?:{_GREETING}){_GREETED}"),
    ),
    (
        "thanks",
        whole(
            r"(?:(?:ok|okay|great|good|ок|окей|ладно|понятно|хорошо),? )?"
            r"(?:many )?(?:thanks|thank you|thx|tnx|ty|cheers|спасибо|спс|пасиб[оа]?|благодарю"
            r"|р[ае]хмет|ра[хқ]мат|ra[hk]h?m[ae]t"
            r"|merci|gracias|danke|te[sş]ekk[uü]rler)"
            r"(?:,? (?:you|a lot|very much|so much|bot|большое|вам|тебе|бот))*"
        ),
    ),
    (
        "following",
        whole(
            r"(?:what|who|which \w+) (?:do|am|are) (?:i|we) (?:follow(?:ing)?|subscribed to|watching"
            r"|tracking)"
            r"|(?:(?:show|list)(?: me)? )?my (?:follows?|followings?|subscriptions?|list|alerts)"
            r"|follow(?:s|ing)|subscriptions|(?:how (?:do i|can i|to) )?(?:unsubscribe|unfollow)"
            r"|how (?:do i|can i|to) (?:stop|turn off|switch off|cancel|opt out)"
            r"(?: (?:of )?(?:this|it|you|these|the|alerts|messages|notifications|updates))*"
            r"|как (?:мне )?(?:отключить|выключить|остановить|прекратить)(?: (?:это|все|тебя|вас"
            r"|уведомления))?"
            r"|cancel (?:my )?subscriptions?|(?:как (?:мне )?)?отписаться"
            r"|(?:(?:покажи|какие у меня) )?(?:мои )?подписки|на (?:что|кого"
            r"|как[а-я]+ [а-я]+) я подписан[аы]?"
            r"|за (?:чем|кем|как[а-я]+ [а-я]+) я слежу"
        ),
    ),
    (
        "chat",
        whole(
            r"(?:who|what) are you|are you (?:a |an )?(?:bot|robot|human|real|ai|there)"
            r"|(?:hi,? |hello,? |hey,? )?how are you(?: doing)?|so what|bye|goodbye"
            r"|see you|got it|i see|understood|(?:ок,? |окей,? )?понял[аи]?|понятно"
            r"|(?:tell me |know )?(?:a |any )?jokes?|(?:what'?s|what is) your name|who (?:made"
            r"|built|created|runs|owns) you"
            r"|where do you get (?:your|the|this|all this) news(?: from)?"
            r"|(?:what are )?your sources|i (?:love|like|hate) (?:you|this|it)"
            r"|расскажи (?:анекдот|шутку)|как тебя зовут"
            r"|lol|haha+|wtf|omg|cool|great|good|wow|(?:you|this|it|that|bot)?(?:'?s| are| is|'re)?"
            r" ?(?:so |very |really )?(?:stupid|dumb|useless|idiot|bad|crap|shit|rubbish|sucks?"
            r"|an? idiot)(?: bot)?"
            r"|(?:fuck|screw|damn)(?: you| off| it| this)?|shut up|(?:ты|вы) (?:кто|что|бот|робот"
            r"|тут)|кто (?:ты|вы)"
            r"(?: такой| такая| такие)?|(?:привет,? )?как (?:дела|жизнь|ты)|ну и что|пока|до свидания"
            r"|(?:ты |вы |сам )?(?:дурак|дура|тупой|тупая"
            r"|тупица|идиот|бесполезный|глупый|дебил)(?: бот)?|(?:иди"
            r"|пош[её]л) (?:ты )?(?:на ?хуй|на ?хер|в жопу|к ч[её]рту)"
            r"|молодец|умница|отстань(?:те)?|good (?:bot|job)|well done"
            r"|бред|фигня|отстой|круто|класс|отлично|супер|ничего себе"
        ),
    ),
    (
        "future",
        whole(
            r"(?:what (?:will|is going to) happen )?(?:tomorrow|next (?:week|month|year))"
            r"|(?:что (?:будет|случится|произойдет) )?"
            r"(?:завтра|послезавтра|на следующей неделе|в следующем (?:месяце|году))"
        ),
    ),
    (
        "help",
        whole(
            r"help(?: me)?|what can (?:you|i) (?:do|ask)(?: here| you)?|how (?:does this"
            r"|do you) work|what (?:is|are) (?:a )?follows?"
            r"|how often (?:do|will) you (?:send|alert|write)(?: me)?(?: alerts| news)?|commands|menu"
            r"|how (?:do i|can i|to) use (?:this|it|you)|(?:which|what) countries (?:do you (?:know"
            r"|cover)|are there)"
            r"|(?:list|show)(?: me)?(?: of)?(?: all)?(?: the)? countries|список стран"
            r"|какие (?:есть )?страны(?: есть)?"
            r"|как (?:этим |тобой )?пользоваться|помощь|помоги(?:те)?|справка|что (?:ты|вы) умее(?:шь"
            r"|те)|как (?:это|ты) работает|команды|меню|\?+"
        ),
    ),
    (
        "start",
        whole(
            r"start|старт|начать|начнем|(?:turn|switch) on (?:the |my )?(?:notifications|alerts)"
            r"|(?:turn|switch) (?:the |my )?(?:notifications|alerts) (?:back )?on(?: again)?"
            r"|верни(?:те)? (?:все )?уведомления|resume(?: (?:alerts|it))?|(?:start|begin) (?:sending"
            r"|alerting)(?: me)?(?: alerts| news| again)*"
            r"|включи(?:те|ть)? уведомления|возобнови(?:те|ть)?(?: уведомления)?"
        ),
    ),
    (
        "follow",
        whole(
            r"how (?:do i|can i|to) (?:follow|subscribe)(?: to)?(?: something| a country| topics?)?"
            r"|как (?:мне )?(?:подписаться|следить|оформить подписку)(?: на .*| за .*)?"
        ),
    ),
    (
        "today",
        whole(
            r"today|(?:what (?:happened|is happening|'?s new)|whats new|the news) today(?: by region)?"
            r"|(?:the )?(?:daily |today'?s |day'?s )?(?:overview|summary"
            r"|brief(?:ing)?)(?: of (?:the day|today))?"
            r"|(?:summari[sz]e|sum up)(?: (?:the|all(?: the)?|today'?s))?(?: news"
            r"| stories)?(?: (?:today|of the day))?"
            r"|(?:a |the )?(?:overview|summary) of (?:the |all )?news|(?:краткий )?(?:обзор"
            r"|пересказ) новостей"
            r"|сегодня|(?:что (?:произошло|случилось|нового|происходит) )?сегодня|что сегодня(?: нового)?"
            r"|(?:обзор|сводка|итоги|картина)(?: (?:дня|за (?:день|сегодня)|на сегодня))?"
        ),
    ),
    (
        "settings",
        whole(
            r"(?:(?:show|open|change)(?: me)? )?(?:my |the )?(?:settings?|preferences|options)"
            r"|(?:(?:покажи|открой|измени(?:ть)?|поменяй) )?(?:мои )?(?:настройк[аиу]|параметры)"
        ),
    ),
    (
        "privacy",
        whole(
            r"privacy(?: policy| notice)?|what (?:data )?do you (?:know|keep|store|have)(?: about me| on me)?"
            r"|(?:конфиденциальность|приватность|политика конфиденциальности)"
            r"|(?:что|какие данные) (?:ты|вы) (?:обо мне )?(?:знае|храни|собирае)(?:шь|те)(?: обо мне)?"
        ),
    ),
    (
        "stop",
        whole(
            r"(?:turn|switch) off (?:the |my )?(?:notifications|alerts)|(?:вы|от)ключи(?:те|ть)? уведомления"
            r"|stop(?: it| everything| all(?: alerts)?| alerts)?|(?:pause|no more) (?:all )?(?:the )?alerts"
            r"|(?:can you |could you )?(?:stop sending(?: me)?|don't send(?: me)?)"
            r"(?: any| all| these| this| so many)?(?: more)?"
            r"(?: (?:stuff|things|messages|alerts|anything|everything|spam))?"
            r"|(?:leave me alone|stop (?:bothering|spamming) me|be quiet)"
            r"|стоп|хватит|остановись|(?:больше )?не присылай(?:те)?(?: мне)?(?: ничего| уведомления)?"
        ),
    ),
    (
        "export",
        whole(r"(?:export|download)(?: my)?(?: follows| subscriptions| list| data)|экспорт(?: подписок)?"),
    ),
    ("latest", whole(r"(?:the )?world(?: news)?|international news|мир|(?:новости мира|мировые новости)")),
    ("import", whole(r"import(?: my)?(?: follows| subscriptions| list| data)?|импорт(?: подписок)?")),
    (
        "forget",
        whole(
            r"(?:how (?:do|can) i )?forget (?:me|about me|my data|everything(?: about me)?)"
            r"|(?:how (?:do|can) i )?(?:delete|erase|remove) (?:me|(?:all )?my (?:data|account)"
            r"|everything about me)"
            r"|забудь(?:те)? (?:меня|обо мне(?: все)?)|удали(?:те|ть)? (?:меня|(?:все )?мои данные"
            r"|(?:мой )?аккаунт|все обо мне)"
        ),
    ),
    ("yes", whole(r"yes|yep|yeah|yup|yes please|да|ага|да,? конечно")),
    (
        "no",
        whole(r"no|nope|cancel|never ?mind|no,? thanks|не надо|отмена|отменить|нет(?:,? спасибо)?"),
    ),
    # small words that are also country codes
    (
        "empty",
        whole(r"ok|okay|sure|am|as|at|be|by|do|in|is|it|me|my|so|to|ок|ладно|хорошо"),
    ),
    (
        "more",
        whole(
            r"(?:(?:show|tell|give)(?: me)? )?(?:some )?(?:more|older)|next(?: page| one)?|go on|continue"
            r"|(?:what|anything) else|\d{1,2} more|more \d{1,2}"
            r"|(?:а |и )?(?:покажи |давай )?(?:еще(?: \d{1,2})?|старее|постарше|более старые)|дальше"
            r"|далее|следующая(?: страница)?"
        ),
    ),
    (
        "back",
        whole(
            r"(?:go )?back(?: to (?:the )?list)?|(?:the |show (?:me )?the )?list(?: again)?"
            r"|previous(?: page)?"
            r"|first page|назад|к списку|(?:предыдущая|первая) страница"
        ),
    ),
)

_NUMBER = r"(?:story |number |no\.? ?|nr\.? ?|новость |номер |№ ?|#)?(?P<rest>\d{1,2})"
#: "open 2", "why 2": the reference to a story of the last list is in ``rest``.
_SHOW = (
    r"(?:(?:open|show|read|give|gimme)(?: me)?(?: more (?:about|on))?|(?:tell me )?more (?:about|on)|story"
    r"|открой|покажи|читать|прочти|давай|новость|(?:расскажи )?подробнее(?: про| об?)?|расскажи (?:про|об?))"
)
_READ = whole(
    rf"{_SHOW} {_NUMBER}"
    r"|(?:who else|(?:what|which) other (?:source|outlet)s?)"
    r" (?:wrote|writes|reported|reports|told|tells?|covered|has|have)(?: (?:about|on|of))?(?: (?:it"
    r"|this|that))?"
    r"|who(?:'s| is| are| was)? (?:mentioned|named|involved)(?: (?:there|here|in (?:it|this|that)))?"
    r"|(?:а )?кто (?:там|тут|здесь|в ней) (?:упомянут[аы]?|упоминается|назван[аы]?)"
    r"|other (?:sources|tellings|versions)|(?:the )?(?:link|url)(?: please)?"
    r"|кто (?:еще|ещё) (?:об этом )?(?:пишет|писал|сообщил|сообщает)(?: об этом)?|другие источники|ссылк[ау]"
)
_WHY = whole(
    r"(?:(?:and|but|а|и|но) )?(?:why|почему|с чего)"
    rf"(?: (?:{_NUMBER}|(?:is |was )?(?:this|that|it|the)?(?: story)?(?: here| tagged| shown)?"
    r"|эта новость|это))?"
    r"|is (?:this|it|that)(?: one| story)?(?: really)? about \S.*|(?:а )?при ?ч[её]м (?:тут|здесь) \S.*"
)

_STORIES = r"(?:one|story|item|news|новость|статью|статья)"
#: "the second one", "открой вторую": each with the number that it stands for.
ORDINALS = tuple(
    (
        reference,
        re.compile(
            rf"^(?:{_SHOW} )?(?:the )?(?:{words})(?: {_STORIES})?(?: (?:открой|покажи|прочти|давай))?{END}"
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
    r"^(?:(?:ok|okay|and|but|so|ну|а|и|но),? )*(?:(?:what|how) about|and|but|(?:the )?same|only|just|а|и|но"
    r"|(?:а |и )?(?:что|как) (?:насчет|там)|то же(?: самое)?|только|not|without|except|excluding|не"
    r"|без|кроме) \S"
)

#: A place that is all of a question, as if the rest had been said before: "in Uzbekistan?".
FRAGMENT = re.compile(r"^(?:in|from|в|во|из) \S+(?: \S+)?$")

REFERENCES: tuple[tuple[Literal["story", "why"], re.Pattern[str]], ...] = (("story", _READ), ("why", _WHY))

#: What is looked for is in ``rest``.
SEARCH = before(
    r"search(?: for)?|find(?: me)?(?: stories| news)?(?: with| mentioning| about| on)?|look (?:for|up)"
    r"|stories (?:with|mentioning)|найди(?:те)?(?: мне)?|найти|поиск|поищи(?:те)?|ищи|искать"
)
