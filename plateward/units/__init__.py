"""Units in cars and at fixed cameras: enrolling them, what they are told, and what they tell."""
