"""Sign-in at another provider by OpenID Connect: what is asked, and what is believed of it."""
