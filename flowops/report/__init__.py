"""Reports: one model, many forms. They read values and give text, no more."""
