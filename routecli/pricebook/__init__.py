"""Usage to dollars: the only place where tokens meet money."""

from routecli.pricebook.book import Pricebook
from routecli.pricebook.rates import Cliff, Rates

__all__ = ["Cliff", "Pricebook", "Rates"]
