"""What all books together did: rows of the data lake, figures made of them, alarms, a dashboard."""
