"""Ways in, for machines and people: the only home of aiohttp.web (the demo has its own programs)."""
