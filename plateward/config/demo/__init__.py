"""The demonstration: two agencies, their people, cameras and a steady stream of rendered pictures."""
