"""Suites of tasks with a known answer, and how often each tier of the ladder solves them."""
