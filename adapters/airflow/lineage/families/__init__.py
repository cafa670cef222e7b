"""One operator family a file: each has a claim (`applies`) and a reading (`read`); `reading.RULES`
lists them in order.
"""
