"""What the course's makers use; no lesson imports it."""
