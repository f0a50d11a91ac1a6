"""What a release consists of, and where its objects lie at the edge."""
