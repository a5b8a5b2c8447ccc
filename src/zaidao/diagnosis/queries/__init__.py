"""Named reads of published results and of answers. Statement counts do not grow with the number of organisations."""
