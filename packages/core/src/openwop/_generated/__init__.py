"""Generated from spec/; never edited by hand."""
