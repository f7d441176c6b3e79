"""Courses, sessions with attendance, assignments and certificates (B-466.8, H-426.7)."""
