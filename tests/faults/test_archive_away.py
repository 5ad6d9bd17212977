"""Elasticsearch is away for twenty seconds: nothing is lost, and readers still hear the news."""

import asyncio
import os
from collections.abc import AsyncIterator
from urllib.parse import urlsplit

import pytest

from fakes.plant import Plant
from fakes.processes import stopping
from fakes.tcp_proxy import TcpProxy
from shared.status import read_status

pytestmark = [pytest.mark.slow, pytest.mark.elasticsearch, pytest.mark.timeout(300)]
AWAY_SECONDS = 20


@pytest.fixture
async def proxy() -> AsyncIterator[TcpProxy]:
    url = os.environ.get("DATELINE_TEST_ELASTICSEARCH")
    if not url:
        if os.environ.get("DATELINE_REQUIRE_SERVERS"):
            pytest.fail("DATELINE_TEST_ELASTICSEARCH names no server")
        pytest.skip("no Elasticsearch: export DATELINE_TEST_ELASTICSEARCH=$(.ci/elasticsearch start)")
    parts = urlsplit(url)
    relay = TcpProxy(parts.hostname or "127.0.0.1", parts.port or 9200)
    await relay.open()
    yield relay
    await relay.close()


async def test_while_the_archive_is_away_stories_wait_and_alerts_go_out(
    plant: Plant, proxy: TcpProxy
) -> None:
    plant.elasticsearch = f"http://127.0.0.1:{proxy.port}"
    await plant.follow("script:reader", "country:KZ")
    services = [plant.service("enrich"), plant.service("index"), plant.service("bot")]
    with stopping(*services):
        await asyncio.gather(*(asyncio.to_thread(each.start) for each in services))
        await plant.publish(200)
        await plant.until_done()
        await proxy.close()
        await plant.publish(300, start=200)
        await asyncio.sleep(AWAY_SECONDS)
        away = await read_status(plant.redis)
        heard = await plant.alerts("script:reader")
        await proxy.open()
        status = await plant.until_done()

        assert away.sources["wire"].stored == 200
        assert (away.sources["wire"].in_flight, away.dead, away.balanced) == (300, 0, True)
        assert len(heard) == 50
        assert max(heard.values()) == 1
        assert await plant.stored() == 500
        assert (status.sources["wire"].stored, status.dead, status.balanced) == (500, 0, True)
