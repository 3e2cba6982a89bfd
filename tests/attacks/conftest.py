"""A hub with its units, as ``tests/hub`` has it."""

from tests.hub.conftest import data_folder, database_url, furnished, opened, scripted_kind, still

__all__ = ["data_folder", "database_url", "furnished", "opened", "scripted_kind", "still"]
