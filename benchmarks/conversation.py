"""How fast people are answered on Telegram: 200 of them ask at once, again and again.

Bot processes, a fake Bot API over HTTP (in this process) and an embedded server, all on one machine. Measured is the
time from the moment a question lies at the fake server to the moment the answer has arrived there.
"""

import argparse
import asyncio
import os
import random
import sys
import tempfile
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
                    begun, took = sum(map(cpu_seconds, processes)), []
                    for _ in range(rounds):
                        took += await ask_all(api.world, people, spread, chance)
                        await asyncio.sleep(4)
                    spent = (sum(map(cpu_seconds, processes)) - begun) / len(took)
                    show(f"{users} users, {title}", sorted(took))
                    print(f"{'':34} CPU of the bot: {spent * 1000:.1f} ms per answer")
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
