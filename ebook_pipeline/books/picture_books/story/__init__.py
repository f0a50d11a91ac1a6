"""Stories by plan: want, obstacle, tries, help, change, rest; each sentence fits the state."""
