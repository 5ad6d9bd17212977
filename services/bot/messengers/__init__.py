"""The messengers: how replies and alerts reach people, one adapter per transport."""
