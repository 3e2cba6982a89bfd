"""PostgreSQL and payload files: the only home of asyncpg and of file durability."""
