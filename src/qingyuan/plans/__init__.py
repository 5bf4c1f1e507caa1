"""The five-year plan: indicators as dated facts, their present value, and what is left to meet them."""
