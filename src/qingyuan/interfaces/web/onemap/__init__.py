"""The one map 一张图: stations hour by hour, and what stands beside a chosen one."""
