"""Bytes <-> packages: one parser, one pass, strict writing, tolerant reading where nothing is signed."""
