"""Models of language, and who writes or checks text: on this machine, or by an address."""
