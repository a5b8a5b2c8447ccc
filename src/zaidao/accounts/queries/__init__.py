"""What pages about accounts read."""
