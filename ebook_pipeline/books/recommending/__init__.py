"""What to read next: a model of what readers took up together, and how its answers are ranked."""
