"""How the database of an earlier version of the program becomes one of this version."""
