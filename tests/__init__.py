"""The tests mirror the rooms; `tests/journeys` drives the whole program as a person would."""
