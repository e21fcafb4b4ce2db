"""Which columns a forest's scores come from by Shapley's rule, how firm that is, and what an analyst has of it."""
