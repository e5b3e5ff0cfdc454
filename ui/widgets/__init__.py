"""Small reusable widgets that know nothing of the session or of the views."""
