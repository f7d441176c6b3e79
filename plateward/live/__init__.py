"""Live events: a committed change reaches open screens within a second."""
