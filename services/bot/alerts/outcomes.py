"""What a decision, or the outcome of a send, means for the rows of a turn: pure tables."""

from datetime import datetime

from services.bot.alerts.kindness import Decision, Drop, Fold, Hold, Send
from services.bot.alerts.port import Alert, DigestRow, Policy, Result
from services.bot.messengers.port import Gone, Moved, NotSent, Outcome, Refused, Sent, Uncertain

#: An alert that the transport did not take waits twice as long each time, up to so many seconds.
LONGEST_WAIT = 60.0
#: How long to wait before an alert that may have arrived is sent once more, in seconds.
REPEAT_AFTER = 5.0
#: How often an alert is tried that cannot even be written.
WRITING_TRIES = 5


def result_of(outcome: Outcome, row: Alert | DigestRow, policy: Policy) -> Result:
    """Decide what an outcome means for a row.

    One that may have arrived is sent once more, silently, or never again, by the policy. One that has surely not left
    is sent when the transport says; its sound is kept.
    """
    match outcome:
        case Sent(message_id):
            return Result("sent", message_id, repeats=row.repeats)
        case NotSent(retry_in, reason):
            return Result("ready", reason, delay=max(retry_in, _backoff(row)), repeats=row.repeats)
        case Uncertain(reason) if policy == "resend" and row.repeats == 0:
            return Result("ready", reason, delay=REPEAT_AFTER, repeats=1)
        case Uncertain(reason):
            return Result("uncertain", reason, repeats=row.repeats)
        case Gone(reason) | Refused(reason):
            return Result("dead", reason, repeats=row.repeats)
        case Moved(who):
            return Result("dropped", f"moved to {who}", repeats=row.repeats)


def kept(decision: Decision, row: Alert | DigestRow, now: datetime) -> Result:
    """Return what becomes of a row that must not disturb now."""
    match decision:
        case Hold(until):
            delay = (until - now).total_seconds()
            return Result("held", f"until {until.isoformat()}", delay=delay, repeats=row.repeats, tried=False)
        case Fold():
            return Result("digest", "waits for the digest", repeats=row.repeats, tried=False)
        case Drop(reason):
            return Result("dropped", reason, repeats=row.repeats, tried=False)
        case Send():
            raise AssertionError("a row that may be sent is not kept")


def unwritable(error: Exception, row: Alert | DigestRow) -> Result:
    """Decide what becomes of a row whose message could not be written: a few more tries, then it is given up."""
    reason = f"not written: {type(error).__name__}"
    if row.attempt >= WRITING_TRIES:
        return Result("dead", reason, repeats=row.repeats)
    return Result("ready", reason, delay=_backoff(row), repeats=row.repeats)


def _backoff(row: Alert | DigestRow) -> float:
    return min(2.0 ** min(row.attempt, 10), LONGEST_WAIT)
