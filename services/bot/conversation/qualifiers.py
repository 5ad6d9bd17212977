"""What stands beside the matter of a question: how to answer it, and the words that mean nothing in it.

The patterns work on folded text, as those of ``phrases``.
"""

import re

#: Tags of pasted markup mean nothing.
MARKUP = re.compile(r"</?[a-zA-Z][^<>]*>")
#: An exported text may be long and has lines.
IMPORT = re.compile(r"\s*/import(?:@\w+)?(?:\s(?P<rest>.*))?$", re.DOTALL | re.IGNORECASE)

#: How a command asks for what an editor picked out.
STAR = "★"

EVERY_MENTION = re.compile(
    r"(?<!\S)(?:\+?all(?= *$)|(?:all|any|every) mentions?(?: of)?|everything (?:about|on|that mentions)"
    r"|anything that mentions"
    r"|(?:все|любые|любое) упоминани[яе])(?!\S)"
)
#: How a command asks for the best matches before the newest.
BEST = "@best"
BEST_FIRST = re.compile(
    r"(?<!\S)(?:@best|(?:the )?(?:best match(?:es|ing)?|most relevant)(?: first)?|by relevance"
    r"|(?:самые )?подходящие|по релевантности)(?!\S)"
)
PICKS = re.compile(
    r"(?<!\S)(?:editors?'?s? (?:choices?|picks?|picked(?: out)?|chose|chosen|selected|selections?)"
    r"|(?:picked|chosen|selected) (?:out )?by (?:an |the )?editors?|highlighted|highlights|★"
    r"|(?:что )?(?:выбрал|отметил)[аи]? (?:редакция|редактор)|(?:редакция|редактор) (?:выбрал|отметил)[аи]?"
    r"|выбор(?:ом|а)? редак(?:ции|тора)|(?:отмеченн|выбранн)[а-я]+ редак(?:цией|тором))(?!\S)"
)
#: "таджикско-афганский" names two countries.
JOINED_ADJECTIVE = re.compile(r"(?<=[а-я]{3})ско-(?=[а-я])", re.IGNORECASE)
#: "us" that is no pronoun.
UNITED_STATES = re.compile(
    r"\bus(?=\s+(?:news|elections?|politics|economy|president|government|sanctions?|tariffs?|army|troops|military|senate"
    r"|congress|dollar|embassy|china|russia)\b)|(?<=\bthe )us\b|(?<=\bnews (?:in|on) )us$|(?<=\bnews )us$",
)
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
okay ok same just only gimme rn countries compare too best
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
страна регион где страны странах кто такой такая тоже также было была были лучшие лучшее насчет только опять снова
"""
#: Words that carry no search meaning in a question. Compared folded, punctuation stripped.
FILLERS = frozenset(_ENGLISH_FILLERS.split()) | frozenset(_RUSSIAN_FILLERS.split())
