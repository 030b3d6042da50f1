"""Sensory: what customers do and say. The health score with its report card, comments and their themes, silence."""
