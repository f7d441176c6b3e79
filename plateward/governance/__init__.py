"""Which policy version is in force, who holds which position, and the gate every request passes."""
