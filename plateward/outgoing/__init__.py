"""What leaves because of an alert: to other systems, and to people who are not at the console."""
