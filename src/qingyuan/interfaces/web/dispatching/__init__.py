"""Pages of dispatch: words, the table of a report as form and workbook, my tasks."""
