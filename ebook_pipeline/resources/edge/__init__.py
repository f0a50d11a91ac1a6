"""The embedded edge: its server, its clients, and the folder of releases that they share."""
