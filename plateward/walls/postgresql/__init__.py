"""Django's PostgreSQL backend that tells the database whose rows the running code may see."""
