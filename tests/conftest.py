"""What holds for every test."""

import os

from hypothesis import settings

# A busy machine is slow, not wrong: no property fails by the clock. The same cases every time, so
# that a failure belongs to the change under test; HYPOTHESIS_PROFILE=explore looks for new ones.
settings.register_profile("steady", deadline=None, derandomize=True)
settings.register_profile("explore", deadline=None)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "steady"))
