"""What several rooms of tests need."""
