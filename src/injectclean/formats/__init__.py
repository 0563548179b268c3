"""Reports as text, JSON, JSON lines and unified diffs; one file a format."""
