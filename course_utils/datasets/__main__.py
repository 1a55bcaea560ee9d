"""`python -m course_utils.datasets` writes data/houses.csv and data/cars.csv again, byte for byte."""

from course_utils.datasets import files, write_tables

if __name__ == "__main__":
    for path in write_tables():
        print(f"wrote {path.relative_to(files.DATA.parent)}")
