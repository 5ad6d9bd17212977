"""What an operator sees: structured logs that never hold a token, and every metric in one table."""

import logging
import re
import sys
from collections.abc import MutableMapping
from typing import Any

import structlog
from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, disable_created_metrics

_SECRETS = (
    (re.compile(r"\d{6,}:[A-Za-z0-9_-]{20,}"), "[token]"),
    (re.compile(r"(?i)(bearer\s+)[^\s\"']+"), r"\1[token]"),
    (re.compile(r"(://[^/\s:@]*:)[^@/\s]+@"), r"\1[password]@"),
)

#: Libraries whose chatter holds URLs (and so the bot token), or says every second what our metrics say.
_QUIET = ("httpx", "httpcore", "hypercorn.access", "elastic_transport", "telegram", "asyncio", "apscheduler")


def redact(text: str) -> str:
    """Replace bot tokens, bearer tokens and passwords in URLs."""
    for pattern, replacement in _SECRETS:
        text = pattern.sub(replacement, text)
    return text


def _redact_event(_logger: Any, _method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    for key, value in event.items():
        if isinstance(value, str):
            event[key] = redact(value)
    return event


def configure_logging(level: str = "INFO", style: str = "json") -> None:
    """Send all logs of the process, the libraries' too, through one redacting handler to standard error."""
    shared: list[structlog.types.Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.stdlib.PositionalArgumentsFormatter(),
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.format_exc_info,
        _redact_event,
    ]
    renderer: structlog.types.Processor = (
        structlog.processors.JSONRenderer(ensure_ascii=False)
        if style == "json"
        else structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty())
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, renderer],
        )
    )
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level.upper())
    for name in _QUIET:
        logging.getLogger(name).setLevel(logging.WARNING)
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        # Drops what is below the level before any work is done on it: the hot path logs every story at debug.
        wrapper_class=structlog.make_filtering_bound_logger(getattr(logging, level.upper())),
        cache_logger_on_first_use=False,
    )


class Metrics:
    """Every metric of Dateline. One instance a process, handed to whoever counts."""

    def __init__(self) -> None:
        # When a counter was made is of no use here, and as long as what it counts.
        disable_created_metrics()  # type: ignore[no-untyped-call]  # the library has no hint there
        self.registry = CollectorRegistry()
        self._count_work()
        self._count_talk()
        self._gauge_streams()

    def _count_work(self) -> None:
        self.outcomes = self._counter(
            "dateline_stage_outcomes", "Entries that a stage finished with, by outcome", "stage", "outcome"
        )
        self.pauses = self._counter(
            "dateline_stage_pauses", "Times a stage waited for something that was unreachable", "stage"
        )
        self.batch_seconds = self._histogram(
            "dateline_stage_batch_seconds", "Time to handle a batch", "stage"
        )
        self.fetches = self._counter(
            "dateline_fetches", "Fetches of a source, by outcome", "source", "outcome"
        )

    def _count_talk(self) -> None:
        self.sends = self._counter(
            "dateline_alert_sends",
            "Attempts to send an alert, by transport and outcome",
            "transport",
            "outcome",
        )
        self.answers = self._counter("dateline_answers", "Questions answered, by intent", "intent")
        self.answer_seconds = self._histogram(
            "dateline_answer_seconds", "Time to answer a question", "intent"
        )
        self.plain_texts = Counter(
            "dateline_telegram_plain_texts",
            "Messages whose markup Telegram refused and that went out as plain text",
            registry=self.registry,
        )
        self.lost_answers = Counter(
            "dateline_telegram_uncertain_answers",
            "Answers that were leaving when their worker died; they are not sent again",
            registry=self.registry,
        )

    def _gauge_streams(self) -> None:
        self.lag = self._gauge("dateline_stream_lag", "Entries a group has not read yet", "stream", "group")
        self.pending = self._gauge(
            "dateline_stream_pending", "Entries a group has read and not acknowledged", "stream", "group"
        )
        self.length = self._gauge("dateline_stream_length", "Entries in a stream", "stream")
        self.alerts_waiting = self._gauge("dateline_alerts_waiting", "Readers and alerts that wait", "state")
        self.dead = self._gauge("dateline_dead_letters", "Dead letters waiting for the operator")
        self.stories = self._gauge(
            "dateline_stories",
            "Stories by source and what became of them (conservation)",
            "source",
            "outcome",
        )

    def _counter(self, name: str, text: str, *labels: str) -> Counter:
        return Counter(name, text, labels, registry=self.registry)

    def _gauge(self, name: str, text: str, *labels: str) -> Gauge:
        return Gauge(name, text, labels, registry=self.registry)

    def _histogram(self, name: str, text: str, *labels: str) -> Histogram:
        return Histogram(name, text, labels, registry=self.registry)
