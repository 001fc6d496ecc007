"""The nouns: frozen values without input or output. Every other room speaks in them."""
