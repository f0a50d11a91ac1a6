"""The desk's own pages: a module per audience; each asks the services that the API's routes ask."""
