"""What can go wrong on the way, on demand: a script of faults, each for some calls of a method."""

from dataclasses import dataclass, field
from typing import Literal

Kind = Literal["answer", "drop", "drop_after", "hang", "hang_after", "page", "slow"]


@dataclass(slots=True)
class Fault:
    """A fault for the next ``times`` calls of a method, after ``skip`` calls that go well.

    answer: an error with ``code``, ``description`` and ``parameters``; nothing is processed.
    drop: the connection is closed before anything is processed.
    drop_after: the call is processed, then the connection is closed without an answer.
    hang: nothing is processed, and no answer comes until the client gives up.
    hang_after: the call is processed, then no answer comes until the client gives up.
    slow: the call is processed after ``seconds``; not at all when the client has given up by then.
    page: an HTML page with the status ``code``, as a proxy in between would send.
    """

    method: str
    kind: Kind
    code: int = 500
    description: str = "Internal Server Error"
    parameters: dict[str, int] = field(default_factory=dict)
    seconds: float = 1.0
    chat: int | None = None
    times: int = 1
    skip: int = 0


def flood(method: str, retry_after: int, **more: int) -> Fault:
    """Answer 429 with the seconds to wait."""
    return Fault(
        method,
        "answer",
        429,
        f"Too Many Requests: retry after {retry_after}",
        {"retry_after": retry_after},
        **more,
    )


class FaultScript:
    """The faults still to come."""

    def __init__(self) -> None:
        self._faults: list[Fault] = []

    def add(self, *faults: Fault) -> None:
        """Queue faults; the first that fits a call is taken."""
        self._faults += faults

    def clear(self) -> None:
        """Let everything go well from now on."""
        self._faults.clear()

    @property
    def pending(self) -> tuple[Fault, ...]:
        """The faults that have not struck as often as they will."""
        return tuple(self._faults)

    def next_for(self, method: str, chat: object) -> Fault | None:
        """Return the fault that strikes this call, if one does, and count it."""
        for fault in self._faults:
            if fault.method not in {method, "*"} or (fault.chat is not None and str(fault.chat) != str(chat)):
                continue
            if fault.skip:
                fault.skip -= 1
                continue
            fault.times -= 1
            if fault.times <= 0:
                self._faults.remove(fault)
            return fault
        return None
