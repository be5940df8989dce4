"""Teams: people who work together."""
