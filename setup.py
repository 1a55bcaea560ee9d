"""What pyproject.toml cannot say: a wheel carries the folder data/ as course_utils/data.

An editable install does not need it: there the package finds the folder beside itself.
"""

from pathlib import Path

from setuptools import setup
from setuptools.command.build_py import build_py

ROOT = Path(__file__).resolve().parent
KINDS = {".csv", ".npz", ".md"}  # the tables and pictures, and their cards with their licences


class BuildWithData(build_py):
    def run(self):
        super().run()
        if not self.editable_mode:
            for source, target in self.data():
                self.mkpath(str(target.parent))
                self.copy_file(source, str(target))

    def data(self):
        """(file as the source archive names it, where the wheel has it), for each file of data/."""
        files = sorted(path for path in (ROOT / "data").iterdir() if path.suffix in KINDS)
        return [(f"data/{path.name}", Path(self.build_lib, "course_utils", "data", path.name)) for path in files]

    def get_source_files(self):
        return super().get_source_files() + [source for source, _ in self.data()]

    def get_outputs(self, include_bytecode=True):
        return super().get_outputs(include_bytecode) + [str(target) for _, target in self.data()]


setup(cmdclass={"build_py": BuildWithData})
