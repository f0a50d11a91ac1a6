"""Tables of `benchmarks.throughput`."""
