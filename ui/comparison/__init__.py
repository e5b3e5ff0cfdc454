"""The window that puts the network beside another one, or beside itself as it was."""
