"""What tests stand on: homes, servers, corpus, books, the AWS side. No test is here."""
