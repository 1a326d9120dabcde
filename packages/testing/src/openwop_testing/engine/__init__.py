"""The engine: executes workflow definitions and keeps the durable event log of every run."""
