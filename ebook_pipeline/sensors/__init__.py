"""What starts work without anybody asking: arrivals, decisions; and who is told of failures."""
