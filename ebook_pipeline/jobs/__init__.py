"""What people launch: ingest, release, reprocess, report, verify."""
