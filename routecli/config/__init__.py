"""The configuration: layers with provenance, presets, trust, and the folders of our own."""

from routecli.config.load import Loaded, load

__all__ = ["Loaded", "load"]
