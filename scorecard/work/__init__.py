"""Work: how value reaches the customer. The lifecycle, hand-offs between departments, touch points, competencies, partners."""
