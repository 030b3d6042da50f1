"""Relationships: what was given and asked, promised and kept, who speaks for us; and how it is written down in seconds."""
