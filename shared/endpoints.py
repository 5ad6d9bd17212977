"""What a service serves over HTTP: ``/health/live``, ``/health/ready``, ``/metrics``, and its own routes."""

import asyncio
import contextlib
import socket
from collections.abc import Awaitable, Callable, Mapping, Sequence

import structlog
from hypercorn.asyncio import serve
from hypercorn.config import Config
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from redis.asyncio import Redis
from redis.exceptions import RedisError
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route

from shared.observe import Metrics
from shared.status import read_status, show_in_metrics

log = structlog.get_logger(__name__)

#: A check answers None when all is well, or a sentence for the operator.
Check = Callable[[], Awaitable[str | None]]

_CHECK_SECONDS = 3.0
_GRACE_SECONDS = 2.0
_BACKLOG = 100


async def _run_check(check: Check) -> str | None:
    try:
        return await asyncio.wait_for(check(), _CHECK_SECONDS)
    except TimeoutError:
        return f"no answer within {_CHECK_SECONDS:g} s"
    except Exception as error:  # noqa: BLE001 - a check that fails is an answer, never a broken endpoint
        return f"{type(error).__name__}: {error}"


def make_endpoints(
    checks: Mapping[str, Check], routes: Sequence[BaseRoute], *, redis: Redis, metrics: Metrics
) -> Starlette:
    """Return the HTTP application of a process."""

    async def live(_request: Request) -> Response:
        return JSONResponse({"status": "ok"})

    async def ready(_request: Request) -> Response:
        found = await asyncio.gather(*(_run_check(check) for check in checks.values()))
        faults = {name: fault for name, fault in zip(checks, found, strict=True) if fault is not None}
        body = {
            "status": "unready" if faults else "ok",
            "checks": {name: faults.get(name, "ok") for name in checks},
        }
        return JSONResponse(body, status_code=503 if faults else 200)

    async def show_metrics(_request: Request) -> Response:
        # What this process counted itself is told also while the server is away, or hangs.
        with contextlib.suppress(RedisError, TimeoutError):
            show_in_metrics(await asyncio.wait_for(read_status(redis), _CHECK_SECONDS), metrics)
        return Response(generate_latest(metrics.registry), media_type=CONTENT_TYPE_LATEST)

    own = [Route("/health/live", live), Route("/health/ready", ready), Route("/metrics", show_metrics)]
    return Starlette(routes=[*own, *routes])


def listen(host: str, port: int, *, or_any: bool = False) -> socket.socket:
    """Bind a socket. With ``or_any`` a port that is taken gives any free one instead of ``OSError``."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    bound = socket.socket(family, socket.SOCK_STREAM)
    bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        bound.bind((host, port))
    except OSError as error:
        if not or_any:
            bound.close()
            raise OSError(
                error.errno,
                f"port {port} on {host} is taken ({error.strerror}); set DATELINE_HTTP_PORT to another",
            ) from error
        log.warning("port taken, using another", port=port)
        bound.bind((host, 0))
    # Listening from here on: whoever is told the address may connect before the server has begun to accept.
    bound.listen(_BACKLOG)
    bound.setblocking(False)
    return bound


async def serve_http(app: Starlette, bound: socket.socket, stop: asyncio.Event) -> None:
    """Serve until told to stop, then let running requests finish for a moment."""
    config = Config()
    # Handed over for good: two owners would close it twice, and the second time it may be somebody else's.
    config.bind = [f"fd://{bound.detach()}"]
    config.graceful_timeout = _GRACE_SECONDS
    config.accesslog = None
    config.errorlog = None
    config.include_server_header = False

    async def stopped() -> None:
        await stop.wait()

    await serve(app, config, shutdown_trigger=stopped, mode="asgi")  # type: ignore[arg-type]  # Starlette is ASGI
