"""How people sign in: the three modes, claims of a provider, sessions that can be ended, personal links."""
