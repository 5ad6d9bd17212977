"""What stands beside the matter of a question: how to answer it, and the words that mean nothing in it.

The patterns work on folded text, as those of ``phrases``.
"""

import re

from services.bot.conversation.cleaning import fold


def without(pattern: re.Pattern[str], said: str) -> str:
    """Return a text without the first match of a pattern."""
    return taken(pattern, said)[1]


def taken(pattern: re.Pattern[str], said: str) -> tuple[bool, str]:
    """Say whether a pattern matches a text, folded, and return the text without the first match."""
    folded = fold(said)
    found = pattern.search(folded)
    if found is None:
        return False, said
    whole = said if len(folded) == len(said) else folded
    return True, f"{whole[: found.start()]} {whole[found.end() :]}"


#: Tags of pasted markup mean nothing.
MARKUP = re.compile(r"</?[a-zA-Z][^<>]*>")
#: Who is spoken to: "@DatelineBot Kazakhstan".
ADDRESSED = re.compile(r"^\s*@\w{3,}[,:]?\s+")
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
#: How a command asks for stories that have all that is named.
ALL_OF = "@together"
#: Words by which two who are named belong together, and which then mean nothing more.
TOGETHER = re.compile(
    r"(?<!\S)(?:@together|between|both|together|jointly|vs\.?|versus|against|meets?|met|talked|spoke|между|вместе|оба|обе"
    r"|обоих|против|встретил(?:ся|ись|ась|и)|встречал(?:ся|ись))(?![\w@])",
    re.IGNORECASE,
)
#: "Only both" of what was asked about before.
BOTH = re.compile(
    r"^\s*(?:(?:only|just|только) )?(?:both|together|all of them|вместе|оба|обе|все вместе)(?: of them)?[\s.!?]*$"
)
#: Words for what two share: stories of both are wanted, with these words.
SHARED = re.compile(
    r"(?<!\S)(?:meetings?|talks|relations?|relationships?|ties|встреч[а-я]*|переговор[а-я]*|отношени[а-я]+"
    r"|borders?|trade|deals?|treat(?:y|ies)|agreements?|wars?|conflicts?|disputes?|alliance|summit|границ[а-я]+"
    r"|торговл[а-я]+|соглашени[а-я]+|договор[а-я]*|войн[а-я]*|конфликт[а-я]*|саммит[а-я]*)(?!\w)"
)
#: Of people named so, any is meant.
EITHER = re.compile(r"[,;]|(?<!\w)(?:or|или|либо)(?!\w)")
#: What was asked about before.
IT = re.compile(
    r"^(?:(?:about|on|of|for|in|for|за|на|про|по) )?(?:it|this|that|them|these|those|the same"
    r"|(?:this|that) (?:topic|country|place|region|person|guy|one)|это|этим|этими|него|нее|ней|ним|ними|них|этого"
    r"|эт(?:ой|у|им|от|ого) (?:стран[а-я]+|тем[а-я]+|регион[а-я]*|человек[а-я]*))[\s.!?]*$"
)
#: "give me 5 stories": a page holds what it holds.
COUNTED = re.compile(
    r"(?<!\S)(?:top[ -]\d{1,2}|(?:last|latest|newest) \d{1,2}(?= (?:on|from|about|in|for)\s|\s*$)"
    r"|(?:\d{1,2}|three|five|ten|пять|десять|три)"
    r"(?: (?:last|latest|newest|recent|top|main|most recent|последни[а-я]+|главны[а-я]+|свежи[а-я]+))?"
    r" (?:stories|story|news|items?|headlines?|articles?|новост[а-я]+|стат[а-я]+|событи[а-я]+|заголов[а-я]+"
    r"|публикаци[а-я]+|материал[а-я]*))(?!\w)"
)
#: "таджикско-афганский" names two countries.
JOINED_ADJECTIVE = re.compile(r"(?<=[а-я]{3})ско-(?=[а-я])", re.IGNORECASE)
#: "us" that is no pronoun.
UNITED_STATES = re.compile(
    r"\bus(?=\s+(?:news|elections?|politics|economy|president|government|sanctions?|tariffs?|army|troops|military|senate"
    r"|congress|dollar|embassy|china|russia)\b)|(?<=\bthe )us\b"
    r"|(?:^|(?<=\bnews )|(?<=\b(?:in|on) )|(?<=\bvs )|(?<=\band )|(?<=\bfrom ))us(?=[\s?!.]*$)"
)
#: Now and everywhere, which is what a wire tells of anyway.
HERE_AND_NOW = re.compile(
    r"(?<!\S)(?:right now|at the moment|these days|as of now|world-?wide|в данный момент"
    r"|(?:in|around|across|all over|of) the (?:whole |entire )?world|(?:во? |по )(?:всем[уе]? )?мир[еу])(?!\w)"
)
#: How it is to be told; a list is short anyway.
IN_SHORT = re.compile(
    r"(?<!\S)(?:in (?:short|brief|a nutshell|(?:one|a|two|a few) (?:sentences?|lines?|words?))|briefly|tl;?dr"
    r"|коротко|вкратце|кратко|в двух словах|одним предложением|в одном предложении)(?!\w)"
)
#: "что нибудь", «че-нить»: anything at all.
ANYTHING = re.compile(r"(?<!\S)(?:что|че|чо|кто|где|как[а-я]{2,3})[ -]?(?:нибудь|нить|либо|то)(?!\w)")
#: What is not known yet.
TOMORROW = re.compile(
    r"^\s*(?:tomorrow|next (?:week|month|year)|завтра|послезавтра|на следующей неделе)[\s?!.]*$"
)
EVERYTHING = re.compile(r"^(?:all|everything|everyone|anything|anyone|все|всех|всего)$")

_ENGLISH_FILLERS = """
anymore dont a about am an and any anything are around at be been between by can could did do does events for
from getting give going had happened happening happens has have headline headlines hello hey hi how i i'd in is
it its know latest last lately like me more most my new newest news now of on or over please recent recently
regarding report reported reports s see show some something stories story tell thanks that the their there these
this those to today top up update updates us versus vs want was we were what what's whats when where which who
will with would you pls plz hows miss missed catch brief briefing summary overview said says say saying told
tells happen occur occurs occurred goes go went else everything breaking major big interested important
interesting currently main need things stuff archive also country region republic situation
okay ok same just only gimme rn countries compare too best but not don't isn't aren't doesn't why whom whose
many much talking talked re u r bot dateline yo smth sth should cooking somebody anybody someone really
actually exactly even still yet already ever somehow
send sends sending w near biggest
where's who's when's how's that's there's i'm i've let's didn't hasn't haven't wasn't weren't couldn't
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
не но почему зачем сколько кого кому чего еще когда самые самый самая самое ночью
утром днем вечером сравни сравните напомни объясни ком чем писали я пропустил пропустила
давай давайте присылай каво слушай громкие новостью новостями новостях
"""
#: Words that tell Russian in Latin letters: longer ones, and prepositions that are no English words.
RUSSIAN = frozenset(word for word in _RUSSIAN_FILLERS.split() if len(word) > 3)
RUSSIAN_LINKS = frozenset("в на за из про об по от".split())
#: Words that only somebody who speaks English types.
ENGLISH = frozenset(_ENGLISH_FILLERS.split()) | {
    "follow",
    "yesterday",
    "week",
    "month",
    "year",
    "search",
    "help",
}
#: Words that carry no search meaning in a question. Compared folded, punctuation stripped; "wheres" is "where's".
FILLERS = frozenset(f"{_ENGLISH_FILLERS} {_RUSSIAN_FILLERS} {_ENGLISH_FILLERS.replace(chr(39), '')}".split())

#: "News" in other languages, and the words that beside it carry no meaning: "noticias de Uzbekistán".
_NEWS_ELSEWHERE = (
    (
        "nachrichten neuigkeiten meldungen",
        "aus über von zu der die das was gibt es neues neueste letzte gib mir im",
    ),
    ("nouvelles actualités actualites infos", "du de la le les des sur en au aux dernières donne moi"),
    ("noticias notícias", "de del la el los las sobre en do da no últimas ultimas dame"),
    ("notizie", "di del della dal dalla sul ultime dammi"),
    ("haberler haberleri haber", "son hakkında ile ilgili bana"),
    ("xəbərlər xəbərləri", "son haqqında"),
    (
        "yangiliklar yangiliklari xabarlar xabarlari янгиликлар янгиликлари",
        "haqida so'nggi oxirgi ҳақида сўнгги",
    ),
    ("жаңалықтар жаңалықтары жаңалық", "туралы соңғы бойынша"),
    ("жаңылыктар жаңылыктары", "жөнүндө тууралуу акыркы боюнча"),
    ("хабарҳо хабарҳои ахбор ахбори", "дар бораи аз охирин"),
    ("habarlar habarlary", "barada soňky"),
    ("новини", "про з із у останні"),
)
#: Each with the folded words for news, and all that then mean nothing.
ELSEWHERE = tuple(
    (frozenset(fold(news).split()), frozenset(fold(f"{news} {links}").split()))
    for news, links in _NEWS_ELSEWHERE
)
