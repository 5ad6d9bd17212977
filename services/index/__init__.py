"""Index: enriched stories in, batches into the archive out."""
