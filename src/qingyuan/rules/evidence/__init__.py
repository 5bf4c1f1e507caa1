"""Evidence of a finding: one sealed file that proves itself without the platform."""
