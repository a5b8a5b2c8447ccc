"""What is kept once, in the forms that offices hand on: workbooks, Word, PDF, sheets to print. No database is asked here."""
