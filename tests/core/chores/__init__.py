"""An application of tasks for workers in processes of their own: what they did is read from the news they announced."""
