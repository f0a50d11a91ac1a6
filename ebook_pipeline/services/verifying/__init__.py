"""Whether readers get at the edge what was released, and putting right what they do not."""
