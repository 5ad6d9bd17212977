"""Logs never hold a token, whoever writes them and however."""

import json
import logging

import httpx
import pytest
import structlog

from shared.observe import configure_logging, redact

TOKEN = "123456789:AAF-abcdefghijklmnopqrstuvwxyz0123456"


@pytest.fixture(autouse=True)
def restored_logging() -> object:
    root = logging.getLogger()
    before = root.handlers[:], root.level
    yield
    root.handlers[:], root.level = before
    structlog.reset_defaults()


def test_a_token_is_redacted_in_messages_fields_and_tracebacks(capsys: pytest.CaptureFixture[str]) -> None:
    configure_logging("DEBUG", "json")
    log = structlog.get_logger("ours")

    log.info("calling", url=f"https://host/bot{TOKEN}/getMe")
    logging.getLogger("theirs").warning("POST https://host/bot%s/getMe", TOKEN)
    try:
        raise httpx.ConnectError(f"cannot reach /bot{TOKEN}/getMe")
    except httpx.ConnectError:
        log.exception("failed")
        logging.getLogger("theirs").exception("failed too")

    written = capsys.readouterr().err
    assert TOKEN not in written
    assert written.count("[token]") >= 4
    assert all(json.loads(row)["event"] for row in written.splitlines())


def test_what_is_below_the_level_is_not_written(capsys: pytest.CaptureFixture[str]) -> None:
    configure_logging("warning")
    structlog.get_logger("ours").info("quiet")
    logging.getLogger("theirs").info("quiet too")

    assert capsys.readouterr().err == ""


@pytest.mark.parametrize(
    ("said", "shown"),
    [
        ("redis://user:secret@host:6379/0", "redis://user:[password]@host:6379/0"),
        ("Authorization: Bearer abc.def-1", "Authorization: Bearer [token]"),
        ("at 12:30 the ratio was 3:2", "at 12:30 the ratio was 3:2"),
    ],
)
def test_redaction_knows_passwords_and_leaves_the_rest(said: str, shown: str) -> None:
    assert redact(said) == shown
