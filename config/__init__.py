"""Example configuration: axis.toml names every setting with its default, production.toml is a start."""
