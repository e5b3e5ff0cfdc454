"""A session and an engine for the data sets."""

from tests.ui.sessions import engine, plain_look, session

__all__ = ["engine", "plain_look", "session"]
