"""One module a verb: its options, the one call it makes, and how the answer is printed."""
