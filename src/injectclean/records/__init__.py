"""Containers of many documents: JSONL, CSV, Parquet and WARC, read and written record by record."""
