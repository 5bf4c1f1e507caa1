"""Cases 案件: problems that end. Discovered, assigned, investigated, rectified, verified by measurement, closed."""
