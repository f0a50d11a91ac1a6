"""What programs may do, by which key or token: clients, API keys, and the tokens that they get."""
