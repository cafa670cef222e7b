"""What the toolkit knows about other systems, one package each; adapters know the core and never
each other.
"""
