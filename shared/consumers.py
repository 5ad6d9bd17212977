"""The consumers of one service: FastStream's batch subscribers, the sweeps and the lease, started and stopped."""

import asyncio
import logging
from collections.abc import Sequence
from typing import Any

import structlog
from faststream import AckPolicy
from faststream.redis import RedisBroker, StreamSub
from faststream.redis.annotations import RedisBatchStreamMessage as InjectedBatch
from faststream.redis.message import FAKE_CONSUMER, RedisBatchStreamMessage
from redis.asyncio import Redis

from shared.delivery import StageConsumer
from shared.leases import Lease, new_consumer_name
from shared.observe import Metrics
from shared.settings import Settings
from shared.stages import Limits, Stage
from shared.supervision import end, supervised

log = structlog.get_logger(__name__)

#: How long one read waits for entries. Less than the client's socket timeout of 5 s; also bounds a stop.
_POLL_MILLISECONDS = 500


def limits_of(settings: Settings) -> Limits:
    """Return the patience that the environment asks for."""
    return Limits(
        max_tries=settings.max_tries,
        retry_seconds=settings.retry_seconds,
        sweep_seconds=settings.sweep_seconds,
    )


async def _untouched(raw: Any) -> RedisBatchStreamMessage:
    # FastStream's own batch parser decodes every body and fails as a whole on one that is not UTF-8.
    return RedisBatchStreamMessage(raw_message=raw, body=b"", consumer=FAKE_CONSUMER, group=None)


async def _undecoded(_message: Any) -> None:
    return None


class Consumers:
    """All stages of one service under one consumer name and one lease."""

    def __init__(
        self, url: str, redis: Redis, stages: Sequence[Stage[Any]], *, settings: Settings, metrics: Metrics
    ) -> None:
        self.name = new_consumer_name()
        self.stopping = asyncio.Event()
        self._redis = redis
        self._lease = Lease(redis, self.name, seconds=settings.lease_seconds)
        self._broker = RedisBroker(
            url, logger=logging.getLogger("dateline.broker"), graceful_timeout=settings.drain_seconds
        )
        logging.getLogger("dateline.broker").setLevel(logging.WARNING)
        self._stages = [
            StageConsumer(
                redis, stage, self.name, limits=limits_of(settings), metrics=metrics, stopping=self.stopping
            )
            for stage in stages
        ]
        self._subscribers = [self._subscribe(stage) for stage in self._stages]
        self._tasks: list[asyncio.Task[None]] = []

    def _subscribe(self, consumer: StageConsumer[Any]) -> Any:
        stage = consumer.stage
        subscriber = self._broker.subscriber(
            stream=StreamSub(
                stage.stream.name,
                group=stage.group,
                consumer=self.name,
                batch=True,
                max_records=stage.batch,
                polling_interval=_POLL_MILLISECONDS,
            ),
            ack_policy=AckPolicy.MANUAL,
            parser=_untouched,
            decoder=_undecoded,
        )

        @subscriber
        async def take(message: InjectedBatch) -> None:
            raw = message.raw_message
            await consumer.take(list(zip(raw["message_ids"], raw["data"], strict=True)))

        return subscriber

    @property
    def running(self) -> bool:
        """Whether every stage is reading."""
        return all(subscriber.running for subscriber in self._subscribers)

    async def start(self) -> None:
        """Take the lease, start to read, and look for what was left behind. Groups must exist."""
        if not self._stages:
            return
        await self._lease.renew()
        for each in self._stages:
            # Redis 7.0 lists a consumer only once it has read something; an idle one must be seen too.
            await self._redis.xgroup_createconsumer(each.stage.stream.name, each.stage.group, self.name)
        await self._broker.start()
        background = [self._lease.keep, self._revive, *(stage.run_sweeps for stage in self._stages)]
        self._tasks = [asyncio.create_task(supervised(work, name=work.__qualname__)) for work in background]

    async def _revive(self) -> None:
        """Start a subscriber again that stopped because its group was gone (FLUSHALL, a lost server)."""
        while True:
            await asyncio.sleep(1)
            for subscriber in self._subscribers:
                if not subscriber.running and not self.stopping.is_set():
                    log.warning("reading again", consumer=self.name)
                    await subscriber.start()

    async def stop(self) -> None:
        """Finish the running batches, then let others take over at once whatever is left."""
        if not self._stages:
            return
        self.stopping.set()
        await self._broker.stop()
        await end(*self._tasks)
        await self._lease.give_up()
