"""Telegram: updates into a queue, answers out of it, and how messages look there. Begin at ``front_end``."""
