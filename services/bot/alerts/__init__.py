"""Alerts: who hears of a story and why, the outbox that remembers it, and the sender."""
