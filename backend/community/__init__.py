"""Communities: who they are, where their log stands. Chain facts from the mirror, words from the log."""
