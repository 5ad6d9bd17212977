"""The archive of stories: one port (``port.py``), an Elasticsearch and an SQLite adapter, one contract suite."""
