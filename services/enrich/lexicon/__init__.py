"""The lexicon compiler and the overlay files that people edit; see SOURCES.md."""
