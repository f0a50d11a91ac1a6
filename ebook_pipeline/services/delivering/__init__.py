"""Events out of the outbox: who hears of them, in which order, how often it is tried."""
