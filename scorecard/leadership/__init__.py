"""Leadership: direction, change, recognition, what moves people, accountability, feedback on leaders."""
