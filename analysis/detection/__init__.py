"""How attacks are told from benign flows: models, evaluation, attack types, the low end."""
