"""What an attacker who adapts can do: actions on flows, who owns which column, and searches within budgets."""
