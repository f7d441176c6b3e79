"""People and agencies: who may log in, by which title, trained when."""
