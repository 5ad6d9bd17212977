"""How people put things, in English and in simple Russian. Only patterns stand here; ``intents`` reads them.

The patterns work on folded text (see ``cleaning.fold``): caseless, a plain apostrophe, е for ё.
"""

import re
from typing import Literal

#: The commands with what they do, for help texts and for the command menus of messengers.
COMMANDS = (
    ("latest", "the newest stories: /latest Kazakhstan"),
    ("search", "stories with certain words: /search uranium in Uzbekistan"),
    ("follow", "hear of new stories: /follow Georgia"),
    ("following", "what you follow"),
    ("unfollow", "stop following: /unfollow Georgia"),
    ("story", "read a story of the last list: /story 2"),
    ("why", "why a story has its tags: /why 2"),
    ("help", "what you can ask"),
    ("forget", "delete everything kept about you"),
)

#: Other names that the same commands go by.
SYNONYMS = {
    "archive": "latest",
    "find": "search",
    "follows": "following",
    "news": "latest",
    "subscribe": "follow",
    "subscriptions": "following",
    "unsubscribe": "unfollow",
}

_PLEASE = r"(?:please,? |пожалуйста,? )?"
_END = r"[\s.!?…)]*$"


def _whole(pattern: str) -> re.Pattern[str]:
    return re.compile(rf"^{_PLEASE}(?:{pattern}){_END}")


def _before(pattern: str) -> re.Pattern[str]:
    return re.compile(rf"^{_PLEASE}(?:{pattern})\s+(?P<rest>\S.*)$")


WholeKind = Literal["greeting", "thanks", "following", "help", "start", "forget", "empty", "more"]

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

_UNFOLLOW = _before(
    r"unfollow|un-?subscribe(?: me)?(?: from)?|(?:stop|quit) (?:following|watching|tracking|alerts (?:on|about|for))"
    r"|(?:don't|do not) follow|no more (?:news|alerts|stories) (?:on|about|from|of)"
    r"|отпиши(?:сь|те|те меня| меня)?(?: от)?|отписаться(?: от)?|(?:не|перестань|хватит) следи(?:ть)?(?: за)?"
)
_FOLLOW = _before(
    r"(?:i (?:want|would like|'d like) to |i'd like to |can you |could you )?"
    r"(?:follow|subscribe(?: me)?(?: to)?|track|keep (?:an eye|track|me (?:posted|updated|informed)) (?:on|of|about)"
    r"|(?:notify|alert|tell|inform) me when(?: there is| there's)?(?: any)?(?: news| something new)?(?: on| about| in)"
    r"|(?:notify|alert) me (?:of|on|about|to)|let me know (?:about|of))"
    r"|(?:я )?(?:хочу )?(?:подпиши(?:сь|те|те меня| меня)?|подписаться|подписка|следить|следи|отслеживай(?:те)?"
    r"|отслеживать|уведомляй(?:те)?(?: меня)?|сообщай(?:те)?(?: мне)?)(?: на| за| об?о?| про)?"
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

#: How a command asks for what an editor picked out.
STAR = "★"

EVERY_MENTION = re.compile(
    r"(?<!\S)(?:\+?all(?= *$)|(?:all|any|every) mentions?(?: of)?|(?:everything|anything) (?:about|on|that mentions)"
    r"|(?:все|любые|любое) упоминани[яе])(?!\S)"
)
PICKS = re.compile(
    r"(?<!\S)(?:editors?'?s? (?:choices?|picks?)|highlighted|highlights|★|выбор редак(?:ции|тора))(?!\S)"
)
NOWADAYS = re.compile(r"(?<!\S)(?:right now|at the moment|these days|as of now|в данный момент)(?!\w)")
EVERYTHING = re.compile(r"^(?:all|everything|everyone|все|всех|всего)$")

_ENGLISH_FILLERS = """
a about am an and any anything are around at be been between by can could did do does events for from getting give
going had happened happening happens has have headline headlines hello hey hi how i i'd in is it its know latest
last lately like me more most my new newest news now of on or over please recent recently regarding report reported
reports s see show some something stories story tell thanks that the their there these this those to today top up
update updates us versus vs want was we were what what's whats when where which who will with would you
important interesting currently main need things stuff archive also country region republic situation
"""
_RUSSIAN_FILLERS = """
а бы в во все да дай для до есть за и из или как какие какая какой ко которые мне можно на над найди не нового
новое новости новость новостей о об обо от по пожалуйста покажи последнее последние последних привет при про
произошло происходило происходит расскажи с свежие сводка сейчас случилось слышно со событиях события там то ты у
уже что это главные главное архив между стране страна регион
"""
#: Words that carry no search meaning in a question. Compared folded, punctuation stripped.
FILLERS = frozenset(_ENGLISH_FILLERS.split()) | frozenset(_RUSSIAN_FILLERS.split())
