"""Pages of split targets: what a form or workbook asks, what it does to the whole, and the heat table."""
