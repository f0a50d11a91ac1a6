"""What becomes of jobs, told to those who watch: over Server-Sent Events and over WebSockets."""
