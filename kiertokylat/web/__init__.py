"""What the pages share: shell, session, filters, map, tables."""
