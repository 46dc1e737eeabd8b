"""Kills real processes while mails leave and answers are saved, and compares what is left with the truth."""
