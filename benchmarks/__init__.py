"""One script per claim. Each prints its figures as ratios to a baseline that is measured in the same run."""
