"""Planning and review: the plan with its tree of goals, who takes part in it, and the plans that carry it out."""
