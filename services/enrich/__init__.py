"""From a raw story to an enriched one: language, places, actors, and which report it belongs to."""
