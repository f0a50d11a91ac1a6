"""The desk: what people and programs ask for over HTTP. Routes call services/, with an actor."""
