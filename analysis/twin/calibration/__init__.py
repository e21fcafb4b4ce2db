"""From real flows to the parameter file of the twin: fit, what must not be disclosed, fidelity. No build runs this."""
