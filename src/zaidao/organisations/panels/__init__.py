"""What this module adds to pages: one file a part, imported when the app is ready."""
