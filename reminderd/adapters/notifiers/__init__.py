"""The ways in which a practice can reach the person."""
