"""What holds for every test."""

import os
import tempfile
from pathlib import Path

from hypothesis import settings

# Every test process has a database of its own, the app's servers that it starts too.
_FOLDER = tempfile.TemporaryDirectory(prefix="kiertokylat-")
os.environ["KIERTOKYLAT_DATABASE"] = f"sqlite:///{Path(_FOLDER.name) / 'test.sqlite'}"
os.environ["KIERTOKYLAT_KEY_FILE"] = str(Path(_FOLDER.name) / "key")

# A busy machine is slow, not wrong: no property fails by the clock. The same cases every time, so
# that a failure belongs to the change under test; HYPOTHESIS_PROFILE=explore looks for new ones.
settings.register_profile("steady", deadline=None, derandomize=True)
settings.register_profile("explore", deadline=None)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "steady"))
