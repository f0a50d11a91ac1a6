"""The trade in plain Python: formats, metadata, quality, protection. No Dagster, boto3 or SQL."""
