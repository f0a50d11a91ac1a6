"""Activity pages: mazes, dots to join, hidden words, letters to trace, differences to spot.

Made by a seed, the same seed the same page; each kind has a solver beside it that proves it can be
solved, and draws the page with its solution.
"""
