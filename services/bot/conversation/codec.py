"""A reply as JSON and back, for replies that travel between processes."""

from pydantic import TypeAdapter

from services.bot.conversation.messages import Reply

_REPLY = TypeAdapter(Reply)


def encode_reply(reply: Reply) -> bytes:
    """Write a reply as JSON (UTF-8)."""
    return _REPLY.dump_json(reply)


def decode_reply(body: bytes) -> Reply:
    """Read a reply from JSON. Raises ``pydantic.ValidationError`` (a ``ValueError``) for anything else."""
    return _REPLY.validate_json(body)
