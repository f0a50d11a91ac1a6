"""What authors write at the desk, and how it becomes a submission."""
