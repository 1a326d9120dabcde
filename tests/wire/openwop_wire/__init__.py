"""What every operation puts on the wire and takes off it, typed by hand from the references.

Nothing in this package is read from spec/ or from generated code: it is the other side of the
comparison.
"""
