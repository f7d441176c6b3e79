"""The door for programs: what a person may look at, asked with their token, decided and recorded alike."""
