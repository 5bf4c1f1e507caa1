"""The pages of a grid member: tasks made of cases, acts sent from a phone, also long after they were done."""
