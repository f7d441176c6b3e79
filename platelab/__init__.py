"""The laboratory: synthetic plates and scenes, and later training. Never ships with the product."""
