"""Ingest: asks the sources, reads what they tell, knows each story again, and puts the new ones on the stream."""
