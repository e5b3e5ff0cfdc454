"""All problems of the network in one place."""
