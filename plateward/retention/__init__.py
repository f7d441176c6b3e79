"""How long data stay, and their provable destruction."""
