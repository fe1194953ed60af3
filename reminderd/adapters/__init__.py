"""TOUCH THE WORLD: one file per outside thing."""
