"""Improvement (system 6): what goes with losing customers, what was tried, and what it was worth."""
