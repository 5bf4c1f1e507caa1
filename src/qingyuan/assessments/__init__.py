"""Engine of assessments 评价: series and the law of the day in, lawful results out."""
