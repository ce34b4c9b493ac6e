"""What `doctor` can find, by section and code: `findings_page.py` makes a page of it."""
