"""The page Työpaja: what the facilitator shows on the projector, a module a part."""
