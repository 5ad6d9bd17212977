"""A bot without a library, for the fake's own tests."""

from typing import Any

import httpx

from fakes.botapi.server import FakeBotApi
from fakes.botapi.world import World


class Client:
    """Calls methods over HTTP and returns the status with the result, or with the error's description."""

    def __init__(self, api: FakeBotApi, client: httpx.AsyncClient) -> None:
        self.api, self.client = api, client

    @property
    def world(self) -> World:
        """The world of the bot."""
        return self.api.world

    async def __call__(self, method: str, token: str | None = None, **params: Any) -> tuple[int, Any]:
        """Call a method with a form."""
        return await self.post(method, token, data=params)

    async def post(self, method: str, token: str | None = None, **body: Any) -> tuple[int, Any]:
        """Call a method with any body that httpx can send."""
        response = await self.raw(method, token, **body)
        answer = response.json()
        assert answer["ok"] == (response.status_code == 200)
        assert answer["ok"] or answer["error_code"] == response.status_code
        return response.status_code, answer["result"] if answer["ok"] else answer["description"]

    async def raw(self, method: str, token: str | None = None, **body: Any) -> httpx.Response:
        """Call a method and return the answer as it came."""
        url = f"{self.api.url}/bot{token or self.world.token}/{method}"
        return await self.client.post(url, **body, timeout=10)
