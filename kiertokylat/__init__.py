"""Kiertokylät: from company lists to symbiosis candidates on a map of Central Finland."""

__version__ = "0.1.0"
