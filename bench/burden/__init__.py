"""A branch's regular month by the keyboard alone, counted press by press; beside it the same month in spreadsheets and documents."""
