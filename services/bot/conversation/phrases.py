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
    "today", "settings", "privacy", "stop", "export",
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
            r"|follow(?:s|ing)|subscriptions"
            r"|(?:(?:покажи|какие у меня) )?(?:мои )?подписки|на что я подписан[аы]?|за (?:чем|кем) я слежу"
        ),
    ),
    (
        "help",
        _whole(
            r"help(?: me)?|what can (?:you|i) (?:do|ask)(?: here| you)?|how (?:does this|do you) work|commands|menu"
            r"|помощь|помоги(?:те)?|справка|что (?:ты|вы) умее(?:шь|те)|как (?:это|ты) работает|команды|меню|\?+"
        ),
    ),
    ("start", _whole(r"start|старт|начать|начнем")),
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
            r"stop(?: it| everything| all(?: alerts)?| alerts)?|(?:pause|no more) (?:all )?(?:the )?alerts"
            r"|стоп|хватит|остановись|(?:больше )?не присылай(?:те)?(?: мне)?(?: ничего| уведомления)?"
        ),
    ),
    (
        "export",
        _whole(r"(?:export|download)(?: my)?(?: follows| subscriptions| list| data)|экспорт(?: подписок)?"),
    ),
    (
        "forget",
        _whole(
            r"forget (?:me|about me|my data|everything(?: about me)?)"
            r"|(?:delete|erase|remove) (?:me|(?:all )?my (?:data|account)|everything about me)"
            r"|забудь(?:те)? (?:меня|обо мне(?: все)?)|удали(?:те)? (?:меня|мои данные|все обо мне)"
        ),
    ),
    # small words that are also country codes, and answers to questions that nobody asked
    (
        "empty",
        _whole(r"yes|no|nope|ok|okay|sure|am|as|at|be|by|do|in|is|it|me|my|so|to|да|нет|ок|ладно|хорошо"),
    ),
    ("more", _whole(r"more|next|older|go on|show more|еще|дальше|далее|покажи еще")),
)

_NUMBER = r"(?:story |number |no\.? ?|nr\.? ?|новость |номер |№ ?|#)?(?P<rest>\d{1,2})"
#: "open 2", "why 2": the reference to a story of the last list is in ``rest``.
_READ = _whole(rf"(?:open|show|read|story|открой|покажи|читать|прочти|новость)(?: me)? {_NUMBER}")
_WHY = _whole(
    rf"(?:why|почему)(?: (?:{_NUMBER}|(?:is |was )?(?:this|that|it|the)?(?: story)?(?: here| tagged| shown)?"
    r"|эта новость|это))?"
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
    ("unmute", _before(r"unmute|un-?snooze|включи(?:те)? (?:звук|уведомления)(?: для| по| об?о?)?")),
    (
        "mute",
        _before(
            r"mute|silence|заглуши(?:те)?|отключи(?:те)? (?:звук|уведомления)(?: для| по| об?о?)?|приглуши(?:те)?"
        ),
    ),
    ("snooze", _before(r"snooze|(?:be )?quiet for|не беспокой(?:те)?(?: меня)?|тишина(?: на)?")),
    ("zone", _before(r"(?:set )?(?:my )?time ?zone(?: is| to)?|(?:мой )?часовой пояс")),
)
#: Asking to be spoken to in another language.
LANGUAGES: tuple[tuple[str, re.Pattern[str]], ...] = (
    (
        "ru",
        _whole(
            r"(?:(?:speak|switch to|change to|answer in|in|use) )?russian|русский"
            r"|(?:language|язык):? (?:russian|русский)"
            r"|(?:говори(?:те)?|пиши(?:те)?|отвечай(?:те)?|давай)? ?(?:по[- ]русски|на русском)(?: языке)?"
        ),
    ),
    (
        "en",
        _whole(
            r"(?:(?:speak|switch to|change to|answer in|in|use) )?english|английский"
            r"|(?:language|язык):? (?:english|английский)"
            r"|(?:говори(?:те)?|пиши(?:те)?|отвечай(?:те)?|давай)? ?(?:по[- ]английски|на английском)(?: языке)?"
        ),
    ),
)
#: An exported text may be long and has lines.
IMPORT = re.compile(r"\s*/import(?:@\w+)?(?:\s(?P<rest>.*))?$", re.DOTALL | re.IGNORECASE)

#: How a command asks for what an editor picked out.
STAR = "★"

EVERY_MENTION = re.compile(
    r"(?<!\S)(?:\+?all(?= *$)|(?:all|any|every) mentions?(?: of)?|everything (?:about|on|that mentions)"
    r"|anything that mentions"
    r"|(?:все|любые|любое) упоминани[яе])(?!\S)"
)
PICKS = re.compile(
    r"(?<!\S)(?:editors?'?s? (?:choices?|picks?|picked(?: out)?|chose|chosen|selected|selections?)"
    r"|(?:picked|chosen|selected) (?:out )?by (?:an |the )?editors?|highlighted|highlights|★"
    r"|(?:что )?(?:выбрал|отметил)[аи]? (?:редакция|редактор)|(?:редакция|редактор) (?:выбрал|отметил)[аи]?"
    r"|выбор(?:ом|а)? редак(?:ции|тора)|(?:отмеченн|выбранн)[а-я]+ редак(?:цией|тором))(?!\S)"
)
#: "таджикско-афганский" names two countries.
JOINED_ADJECTIVE = re.compile(r"(?<=[а-я]{3})ско-(?=[а-я])", re.IGNORECASE)
NOWADAYS = re.compile(r"(?<!\S)(?:right now|at the moment|these days|as of now|в данный момент)(?!\w)")
EVERYTHING = re.compile(r"^(?:all|everything|everyone|все|всех|всего)$")

_ENGLISH_FILLERS = """
anymore dont a about am an and any anything are around at be been between by can could did do does events for
from getting give going had happened happening happens has have headline headlines hello hey hi how i i'd in is
it its know latest last lately like me more most my new newest news now of on or over please recent recently
regarding report reported reports s see show some something stories story tell thanks that the their there these
this those to today top up update updates us versus vs want was we were what what's whats when where which who
will with would you pls plz hows miss missed catch brief briefing summary overview said says say saying told
tells happen occur occurs occurred goes go went else everything breaking major big interested important
interesting currently main need things stuff archive also country region republic situation
"""
_RUSSIAN_FILLERS = """
а бы в во подписки подписку подписок все да дай для до есть за и из или как какие какая какой ко которые мне
можно на над найди не нового новое новости новость новостей о об обо от по пожалуйста покажи последнее последние
последних привет при про произошло происходило происходит расскажи с свежие сводка сейчас случилось слышно со
событиях события там то ты у уже что это главные главное важное важные важного интересное интересного че чё чо
шо дела творится делается против сказал сказала сказали заявил заявила заявили говорит говорят пишут пишет
сообщают сообщает новенького последний последняя последнюю свежее свежая пжлст плиз краткая кратко меня
интересует интересуют нужны нужно хочу узнать читать почитать посмотреть вообще ли же ну тут этот эта эти
главных важных случится происходят произошли появилось вышло известно скажи подскажи лента ленту сегодняшние
новостям случаются какое такое новая новый новых текущие текущая обстановка ситуация ситуации архив между стране
страна регион
"""
#: Words that carry no search meaning in a question. Compared folded, punctuation stripped.
FILLERS = frozenset(_ENGLISH_FILLERS.split()) | frozenset(_RUSSIAN_FILLERS.split())
