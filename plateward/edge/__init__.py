"""The unit in a car or at a camera: it reads, matches, keeps and hands over (`docs/howto/run-a-unit.md`)."""
