"""XML Schemas of the packages, our own. See README.md beside this file."""
