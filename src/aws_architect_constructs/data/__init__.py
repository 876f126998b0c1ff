"""Where data is kept: buckets and databases."""
