"""How fast people are answered on Telegram: 200 of them ask at once, again and again.

Bot processes, a fake Bot API over HTTP (in this process) and an embedded server, all on one machine. Measured is the
time from the moment a question lies at the fake server to the moment the answer has arrived there.

All of them, and whatever else runs, share the processors: printed are the processor time of the bot and of the fake
for one answer, and how much of all processors other programs (the embedded server among them) had meanwhile.
"""

import argparse
import asyncio
import os
import random
import sys
import tempfile
from collections.abc import Awaitable
from contextlib import ExitStack
from datetime import timedelta
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent / "tests"))

from fakes.botapi.server import FakeBotApi
from fakes.botapi.world import Person, World
from fakes.processes import ServiceProcess, stopping
from fakes.stories import enriched_story
from shared.archive.opening import open_archive
from shared.clock import SystemClock
from shared.embedded import EmbeddedServer
from shared.events import CountryTag
from shared.settings import Settings

STORIES = 2_000
DAYS = 14
COUNTRIES = (
    "Kazakhstan",
    "Georgia",
    "Norway",
    "Peru",
    "Kenya",
    "Japan",
    "Brazil",
    "Poland",
    "Egypt",
    "Canada",
)
CODES = ("KZ", "GE", "NO", "PE", "KE", "JP", "BR", "PL", "EG", "CA")
SUBJECTS = ("water", "power", "wheat", "railways", "schools")
QUESTIONS = ("what's new in {}?", "/latest {}", "{} last week", "water in {}", "{}")


async def fill(settings: Settings) -> None:
    """Put stories into the archive."""
    archive = open_archive(settings)
    await archive.setup()
    now = SystemClock().now()
    stories = []
    for number in range(STORIES):
        chance = random.Random(number)
        told_at = now - timedelta(days=DAYS * number / STORIES)
        title = f"Report {number} on {chance.choice(SUBJECTS)}, and the budget"
        countries = [CountryTag(code=chance.choice(CODES), role="subject", salience=1.0)]
        story = enriched_story(
            f"story-{number:06}", title=title, headline=title,
            published_at=told_at, first_seen_at=told_at, countries=countries,
        )  # fmt: skip
        stories.append(story)
    for start in range(0, STORIES, 500):
        await archive.put(stories[start : start + 500])
    await archive.close()


async def ask_all(world: World, people: list[Person], spread: float, chance: random.Random) -> list[float]:
    """Let everybody ask; return the seconds until each answer was there."""
    asked: dict[str, float] = {}
    answered: dict[str, float] = {}
    seen = len(world.journal)

    def all_answered() -> bool:
        nonlocal seen
        for call in world.journal[seen:]:
            if call.method == "sendMessage":
                answered.setdefault(str(call.params["chat_id"]), call.at)
        seen = len(world.journal)
        return len(answered) == len(people)

    for person in chance.sample(people, len(people)):
        asked[str(person.chat.id)] = world.clock.now()
        person.say(chance.choice(QUESTIONS).format(chance.choice(COUNTRIES)))
        if spread:
            await asyncio.sleep(chance.expovariate(len(people) / spread))
    await world.until(all_answered, seconds=120)
    return [answered[who] - at for who, at in asked.items()]


def cpu_seconds(process: ServiceProcess) -> float:
    fields = Path(f"/proc/{process.pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def own_seconds() -> float:
    """Return the processor time of this process, which is that of the fake."""
    spent = os.times()
    return spent.user + spent.system


def machine_seconds() -> tuple[float, float]:
    """Return the processor time of everything on this machine, and how much there has been to be had."""
    fields = [int(each) for each in Path("/proc/stat").read_text().split("\n", 1)[0].split()[1:9]]
    idle = fields[3] + fields[4]
    return (sum(fields) - idle) / os.sysconf("SC_CLK_TCK"), sum(fields) / os.sysconf("SC_CLK_TCK")


class Spending:
    """The processor time of the bots, the fake and everything else, while people asked."""

    def __init__(self, processes: list[ServiceProcess]) -> None:
        self._processes = processes
        self._sums = [0.0] * 4
        self.answers = 0

    def _now(self) -> list[float]:
        return [sum(map(cpu_seconds, self._processes)), own_seconds(), *machine_seconds()]

    async def of(self, asking: Awaitable[list[float]]) -> list[float]:
        """Add what is spent while they ask; return how long they waited."""
        before = self._now()
        took = await asking
        self._sums = [
            total + now - then for total, now, then in zip(self._sums, self._now(), before, strict=True)
        ]
        self.answers += len(took)
        return took

    def __str__(self) -> str:
        bot, fake, busy, there = self._sums
        each = 1000 / self.answers
        return (
            f"CPU per answer: bot {bot * each:.1f} ms, fake {fake * each:.1f} ms;"
            f" others had {max(0.0, busy - bot - fake) / there:.0%} of the processors"
        )


def show(title: str, took: list[float]) -> None:
    milliseconds = [each * 1000 for each in took]
    at = {p: milliseconds[min(len(took) - 1, len(took) * p // 100)] for p in (50, 95)}
    print(f"{title:34} median {at[50]:6.0f} ms   95 % {at[95]:6.0f} ms   slowest {milliseconds[-1]:6.0f} ms")


async def measure(users: int, bots: int, rounds: int) -> None:
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder)
        await fill(Settings(home=home))
        server = EmbeddedServer(home)
        await server.start()
        chance = random.Random(7)
        async with FakeBotApi() as api:
            env = {
                "DATELINE_HOME": folder,
                "DATELINE_REDIS_URL": server.url,
                "DATELINE_TELEGRAM_TOKEN": api.world.token,
                "DATELINE_TELEGRAM_BASE_URL": api.url,
                "DATELINE_LOG_LEVEL": "WARNING",
            }
            processes = [
                ServiceProcess("run", "bot", env=env, log=home / f"bot-{n}.log") for n in range(bots)
            ]
            with ExitStack() as stack:
                stack.enter_context(stopping(*processes))
                for process in processes:
                    await asyncio.to_thread(process.start)
                people = [api.world.person(f"P{number}") for number in range(users)]
                await ask_all(api.world, people, 2.0, chance)
                await asyncio.sleep(4)
                for title, spread in (("all at the same instant", 0.0), ("all within a second", 1.0)):
                    spending, took = Spending(processes), list[float]()
                    for _ in range(rounds):
                        took += await spending.of(ask_all(api.world, people, spread, chance))
                        await asyncio.sleep(4)
                    show(f"{users} users, {title}", sorted(took))
                    print(f"{'':34} {spending}")
                refused = [call for call in api.world.journal if call.error]
                print(f"{bots} bot processes, {len(refused)} calls refused by the fake server")
        await server.stop()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--users", type=int, default=200)
    parser.add_argument("--bots", type=int, default=2)
    parser.add_argument("--rounds", type=int, default=3)
    args = parser.parse_args()
    asyncio.run(measure(args.users, args.bots, args.rounds))


if __name__ == "__main__":
    main()
