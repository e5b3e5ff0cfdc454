"""A session and an engine for the views of this room."""

from tests.ui.sessions import engine, plain_look, session

__all__ = ["engine", "plain_look", "session"]
