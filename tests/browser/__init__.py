"""People at a real browser in front of a running hub: Debian's Chromium, driven by Playwright (PyPI)."""
