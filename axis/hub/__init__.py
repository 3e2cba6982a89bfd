"""The work: use cases, one verb per function, no HTTP and no SQL in them."""
