import unittest

from invoice.report import render


class RenderTest(unittest.TestCase):
    def test_the_total_is_the_last_line(self) -> None:
        self.assertTrue(render("7", [(1, 2.0)]).endswith("total     2.00"))


if __name__ == "__main__":
    unittest.main()
