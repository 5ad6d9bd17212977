"""The contract between the services: messages, streams, delivery, places, the archive. Imports no service."""
