"""What is known of a person, given out in one piece or taken away."""
