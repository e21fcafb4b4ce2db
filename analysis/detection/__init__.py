"""How attacks are told from benign flows: models, evaluation, attack types, overlap of the classes."""
