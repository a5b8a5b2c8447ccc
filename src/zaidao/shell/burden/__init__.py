"""What people filled in and took out, beside what they were asked for: the pages of the burden meter (`core.burden`)."""
