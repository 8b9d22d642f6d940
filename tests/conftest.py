"""What holds for every test."""

from hypothesis import settings

# A busy machine is slow, not wrong: no property fails by the clock.
settings.register_profile("unhurried", deadline=None)
settings.load_profile("unhurried")
