"""A book's quality: figures with their evidence, and the verdict that a policy draws."""
