"""The monthly review: the agenda, decisions, sign-off, and the frozen copy that everything about the month reads."""
