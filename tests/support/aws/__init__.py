"""Amazon in tests: moto's server, our templates on it, a home whose services are there."""
