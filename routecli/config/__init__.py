"""The configuration: layers with provenance, presets, trust, and the folders of our own."""
