"""What waits for a person: who is asked, by when, with which evidence, and the answer."""
