"""What waits for a person: the release gate, and who answers a review by when."""
