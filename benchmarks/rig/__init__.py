"""What the measurements of speed stand on: programs pinned to one core, load from another, tables and drawings."""
