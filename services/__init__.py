"""The four services of Dateline, in the order that a story travels: ingest, enrich, index, bot.

Every service has the same shape: ``settings.py`` (its environment), ``app.py`` (``build(settings) -> Service``,
wiring only), ``handlers.py`` (message to domain and back, a few lines each), then plain modules named after
what they do. Services never import each other; what two of them need stands in ``shared``.
"""

#: The services by name, source before sink: the order in which they start and drain.
SERVICES = ("ingest", "enrich", "index", "bot")
