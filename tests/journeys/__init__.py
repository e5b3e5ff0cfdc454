"""The whole program in a process of its own, driven as a person would: by mouse and keyboard."""
