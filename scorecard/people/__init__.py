"""People: the right people, growing. What is read of a person's work stands in its statistical context; nobody is ranked."""
