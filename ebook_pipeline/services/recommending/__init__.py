"""What readers did as signals, the model that is made of them, and what it recommends to whom."""
