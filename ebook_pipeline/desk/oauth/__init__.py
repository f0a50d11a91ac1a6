"""The desk as issuer of tokens: OAuth 2.0 as RFC 9700 wants it, over `services/authorizing/`."""
