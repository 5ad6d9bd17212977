"""Who is asked when, and what counts as news."""

from datetime import UTC, datetime, timedelta

from services.ingest.formats.items import Item
from services.ingest.schedule import LONGEST_RETRY, Schedule, SourceState, origin_of, validators_of
from services.ingest.sources import SourceConfig
from shared.clock import FixedClock

NOON = datetime(2025, 11, 20, 12, tzinfo=UTC)


def source(name: str = "wire", minutes: int = 10) -> SourceConfig:
    return SourceConfig(id=name, url="https://example.com/feed", interval=timedelta(minutes=minutes))


def schedule(chance: float = 0.0) -> tuple[FixedClock, Schedule]:
    clock = FixedClock(NOON)
    return clock, Schedule(clock, lambda: chance)


def test_a_new_source_is_due_at_once_and_then_after_its_interval() -> None:
    clock, plan = schedule()
    wire = source()
    assert plan.due([wire], {}) == [wire]
    state = plan.succeeded(wire, SourceState(), etag='"x"', last_modified=None)
    assert (state.etag, state.last_ok_at) == ('"x"', NOON)
    assert plan.due([wire], {"wire": state}) == []
    assert plan.seconds_until_next([wire], {"wire": state}) == 600
    clock.advance(timedelta(minutes=10))
    assert plan.due([wire], {"wire": state}) == [wire]


def test_validators_belong_to_what_the_source_was_read_as() -> None:
    _, plan = schedule()
    wire = source()
    state = plan.succeeded(wire, SourceState(), etag='"x"', last_modified="today")
    known = SourceState.from_dict(plan.unchanged(wire, state).to_dict())

    assert validators_of(wire, known) == ('"x"', "today")
    assert validators_of(wire.model_copy(update={"kind": "heading"}), known) == (None, None)
    assert validators_of(wire.model_copy(update={"url": f"{wire.url}?page=2"}), known) == (None, None)


def test_the_longest_overdue_comes_first() -> None:
    _, plan = schedule()
    states = {
        name: SourceState(next_due=NOON - timedelta(minutes=late)) for name, late in (("a", 1), ("b", 5))
    }
    assert [one.id for one in plan.due([source("a"), source("b"), source("new")], states)] == [
        "new",
        "b",
        "a",
    ]


def test_jitter_spreads_by_a_tenth_at_most() -> None:
    _, plan = schedule(chance=1.0)
    state = plan.unchanged(source(), SourceState())
    assert state.next_due == NOON + timedelta(minutes=11)


def test_failures_back_off_doubling_up_to_a_cap_and_a_success_forgives() -> None:
    _, plan = schedule()
    wire, state, waits = source(), SourceState(), []
    for _ in range(9):
        state = plan.failed(wire, state, "timeout")
        assert state.next_due is not None
        waits.append((state.next_due - NOON).total_seconds() / 60)
    assert waits == [1, 2, 4, 8, 16, 32, 60, 60, 60]
    assert (state.failures, state.last_error, state.last_ok_at) == (9, "timeout", None)
    state = plan.unchanged(wire, state)
    assert (state.failures, state.last_error) == (0, None)


def test_many_failures_overflow_nothing_and_slow_sources_stay_slow() -> None:
    _, plan = schedule()
    state = plan.failed(source(minutes=24 * 60), SourceState(failures=10_000), "http_500")
    assert state.next_due == NOON + timedelta(days=1)


def test_a_source_may_ask_for_a_longer_pause_within_reason() -> None:
    _, plan = schedule()
    assert (
        plan.failed(source(), SourceState(), "http_429", retry_after=1800).next_due
        == NOON + LONGEST_RETRY / 2
    )
    assert plan.failed(source(), SourceState(), "http_429", retry_after=1).next_due == NOON + timedelta(
        minutes=1
    )
    assert plan.failed(source(), SourceState(), "http_429", retry_after=1e300).next_due == NOON + timedelta(
        days=1
    )


def test_a_shorter_interval_in_the_configuration_counts_at_once() -> None:
    clock, plan = schedule()
    state = plan.unchanged(source(minutes=24 * 60), SourceState())
    clock.advance(timedelta(minutes=12))
    assert plan.due([source(minutes=10)], {"wire": state})


def test_the_state_survives_being_kept_as_text() -> None:
    state = SourceState(NOON, 3, '"e"', "Thu, 20 Nov 2025 10:00:00 GMT", "0123", NOON, "timeout")
    assert SourceState.from_dict(state.to_dict()) == state
    assert SourceState.from_dict({}) == SourceState()
    assert SourceState().to_dict() == {}
    assert SourceState.from_dict({"next_due": "soon", "failures": "x", "more": "1"}) == SourceState()


def test_what_was_there_before_we_came_is_no_news_unless_it_has_a_date() -> None:
    undated, dated = Item(text="a"), Item(text="a", published_at=NOON)
    assert origin_of(undated, first_fetch=True, now=NOON) == "backfill"
    assert origin_of(undated, first_fetch=False, now=NOON) == "live"
    assert origin_of(dated, first_fetch=True, now=NOON) == "live"


def test_an_old_day_without_an_hour_is_no_news_either() -> None:
    old, fresh = Item(text="a", published_raw="3 May 2019"), Item(text="a", published_raw="20 November 2025")
    assert origin_of(old, first_fetch=False, now=NOON) == "backfill"
    assert origin_of(fresh, first_fetch=False, now=NOON) == "live"
