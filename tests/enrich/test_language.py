"""Which language a text is in."""

import pytest

from services.enrich.language import detect_language


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("The ministers met in the capital on Monday.", "en"),
        ("Les ministres se sont réunis lundi dans la capitale.", "fr"),
        ("Los ministros se reunieron el lunes en la capital.", "es"),
        ("Os ministros reuniram-se na capital e não falaram.", "pt"),
        ("Die Minister trafen sich am Montag in der Hauptstadt.", "de"),
        ("I ministri si sono riuniti nella capitale.", "it"),
        ("De ministers kwamen maandag bijeen in het paleis.", "nl"),
        ("Bakanlar pazartesi günü başkentte bir araya geldi.", "tr"),
        ("Vazirlar poytaxtda yigʻilish oʻtkazdi.", "uz"),
        ("Министры встретились в столице в понедельник.", "ru"),
        ("Міністри зустрілися в столиці у понеділок.", "uk"),
        ("Министрлер елордада кездесіп, келісімге қол қойды.", "kk"),
        ("Министрлер өлкө борборунда жолугушуп, келишимге кол коюшту жана тарашты.", "ky"),
        ("Вазирон дар пойтахт ҷамъ омаданд.", "tg"),
        ("اجتمع الوزراء في العاصمة يوم الاثنين.", "ar"),
        ("وزیران در پایتخت گفتگو کردند.", "fa"),
        ("部长们星期一在首都开会。", "zh"),
        ("閣僚は月曜日に首都で会った。", "ja"),
        ("장관들이 월요일 수도에서 만났다.", "ko"),
        ("השרים נפגשו בבירה.", "he"),
        ("Οι υπουργοί συναντήθηκαν.", "el"),
        ("მინისტრები შეხვდნენ.", "ka"),
        ("1234 !!!", "und"),
        ("", "und"),
    ],
)
def test_language_of_a_sentence(text: str, language: str) -> None:
    assert detect_language(text) == language


def test_a_hint_decides_only_what_the_text_leaves_open() -> None:
    assert detect_language("1234", hint="fr") == "fr"
    assert detect_language("Министры встретились в столице.", hint="fr") == "ru"
    assert detect_language("The ministers met in the capital.", hint="fr") == "en"


def test_long_and_broken_text_is_fine() -> None:
    assert detect_language("\ud800" * 100_000) == "und"
    assert detect_language("the cat and the dog " * 100_000) == "en"
