"""Invoices of a small shop: the repository that `routecli demo` works on."""
