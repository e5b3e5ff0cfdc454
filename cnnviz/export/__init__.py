"""Networks in the languages of others. Text and arrays only; nothing here needs torch."""
