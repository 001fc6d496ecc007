import unittest

from invoice.totals import total, with_tax


class TotalTest(unittest.TestCase):
    def test_whole_cents_stay_as_they_are(self) -> None:
        self.assertEqual(total([(2, 9.99), (1, 4.5)]), 24.48)

    def test_half_a_cent_rounds_up(self) -> None:
        self.assertEqual(total([(2, 1.3375)]), 2.68)

    def test_less_than_half_a_cent_rounds_down(self) -> None:
        self.assertEqual(total([(1, 1.0046)]), 1.0)

    def test_an_empty_invoice_is_free(self) -> None:
        self.assertEqual(total([]), 0)


class TaxTest(unittest.TestCase):
    def test_tax_rounds_as_totals_do(self) -> None:
        self.assertEqual(with_tax(1.25, 0.1), 1.38)

    def test_no_tax(self) -> None:
        self.assertEqual(with_tax(20.0, 0.0), 20.0)


if __name__ == "__main__":
    unittest.main()
