"""The database as a second wall: whose rows a connection sees, and what each of the roles may do."""
