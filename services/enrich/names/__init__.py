"""Reading names out of a story: who is named, by list and by rule."""
