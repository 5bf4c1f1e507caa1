"""Letters of a case 文书: templates as declarations, printed as Word and as PDF in the layout of official letters."""
