"""The console: server-rendered pages over the stored results, one map, one trace for every number."""
