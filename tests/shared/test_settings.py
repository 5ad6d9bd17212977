"""The environment: prefixes, secrets from files, clear errors."""

from pathlib import Path

import pytest
from pydantic import ValidationError

from shared.settings import Settings, SettingsError, read_settings, reveal


def test_secrets_come_from_the_environment_or_from_a_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "token").write_text("123456:from-a-file\n")
    monkeypatch.setenv("DATELINE_TELEGRAM_TOKEN_FILE", str(tmp_path / "token"))
    monkeypatch.setenv("DATELINE_PUSH_TOKEN", "from-the-environment")

    settings = Settings()

    assert reveal(settings.telegram_token) == "123456:from-a-file"
    assert reveal(settings.push_token) == "from-the-environment"
    assert "from-a-file" not in repr(settings)


def test_an_empty_variable_is_as_good_as_none(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATELINE_REDIS_URL", "")

    assert Settings().redis_url is None


def test_a_secret_file_that_cannot_be_read_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATELINE_PUSH_TOKEN_FILE", str(tmp_path / "missing"))

    with pytest.raises(SettingsError, match="DATELINE_PUSH_TOKEN_FILE"):
        Settings()


def test_only_secrets_may_come_from_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "host").write_text("0.0.0.0")
    monkeypatch.setenv("DATELINE_HTTP_HOST_FILE", str(tmp_path / "host"))

    assert Settings().http_host == "127.0.0.1"


@pytest.mark.parametrize(
    ("name", "value"), [("HTTP_PORT", "70000"), ("LOG_LEVEL", "loud"), ("MAX_TRIES", "0")]
)
def test_values_out_of_range_are_refused(monkeypatch: pytest.MonkeyPatch, name: str, value: str) -> None:
    monkeypatch.setenv(f"DATELINE_{name}", value)

    with pytest.raises(ValidationError):
        Settings()


@pytest.mark.parametrize(
    ("name", "value", "advice"),
    [
        ("REDIS_URL", "user:hunter2@redis:6379", "redis://HOST:PORT"),
        ("ELASTICSEARCH_URL", "user:hunter2@search:9200", "https://HOST:PORT"),
        ("ELASTICSEARCH_URL", "https://user:hunter2@search.example.org", "with the port"),
        ("ELASTICSEARCH_URL", "http://search:hunter2", "with the port"),
        ("TELEGRAM_BASE_URL", "localhost:8081", "http://"),
        ("LOG_LEVEL", "loud", "WARNING"),
    ],
)
def test_a_setting_that_cannot_be_says_what_would_do_and_shows_no_secret(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str, advice: str
) -> None:
    monkeypatch.setenv(f"DATELINE_{name}", value)

    with pytest.raises(SettingsError) as refused:
        read_settings(Settings)

    assert f"DATELINE_{name}" in str(refused.value)
    assert advice in str(refused.value)
    assert "hunter2" not in str(refused.value)


@pytest.mark.parametrize("url", ["redis://redis:6379/0", "rediss://:x@redis:6379", "unix:///run/valkey.sock"])
def test_the_ways_to_a_server(monkeypatch: pytest.MonkeyPatch, url: str) -> None:
    monkeypatch.setenv("DATELINE_REDIS_URL", url)
    monkeypatch.setenv("DATELINE_LOG_LEVEL", "debug")

    settings = read_settings(Settings)

    assert (reveal(settings.redis_url), settings.log_level) == (url, "DEBUG")
