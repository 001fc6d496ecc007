"""What a customer pays."""


def total(lines: list[tuple[int, float]]) -> float:
    """The sum of quantity times unit price over `lines`, in cents' precision; half a cent rounds up."""
    return round(sum(quantity * price for quantity, price in lines), 2)


def with_tax(net: float, rate: float) -> float:
    """`net` plus tax at `rate` (0.19 is 19 %), rounded as `total` rounds."""
    return total([(1, net * (1 + rate))])
