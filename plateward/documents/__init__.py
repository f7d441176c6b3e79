"""Files kept on disc under their SHA-256, and what uploaded ones are by their content."""
