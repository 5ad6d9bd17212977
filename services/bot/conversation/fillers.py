"""The words that mean nothing in a question: "what is new in", «что слышно из»."""

_ENGLISH_FILLERS = """
anymore dont a about am an and any anything are around at be been between by can could did do does events for
from getting give going had happened happening happens has have headline headlines hello hey hi how i i'd in is
it its know latest last lately like me more most my new newest news now of on or over please recent recently
regarding report reported reports s see show some something stories story tell thanks that the their there these
this those to today top up update updates us versus vs want was we were what what's whats when where which who
will with would you pls plz hows miss missed catch brief briefing summary overview said says say saying told
tells happen occur occurs occurred goes go went else everything breaking major big interested important
interesting currently main need things stuff archive also country region republic situation
okay ok same just only
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
страна регион насчет только опять снова
"""
#: Words that carry no search meaning in a question. Compared folded, punctuation stripped.
FILLERS = frozenset(_ENGLISH_FILLERS.split()) | frozenset(_RUSSIAN_FILLERS.split())
