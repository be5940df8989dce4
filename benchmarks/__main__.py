"""`bin/bench [NAME…]`: runs the benchmarks of this folder, one after another, each with a table at its end."""

import argparse
import importlib
from pathlib import Path

BENCHMARKS = sorted(path.stem for path in Path(__file__).parent.glob("[a-z]*.py") if path.stem != "ground")


def main() -> None:
    parser = argparse.ArgumentParser(prog="bin/bench", description="Measure; without a name, everything.")
    parser.add_argument(
        "names", nargs="*", choices=[*BENCHMARKS, []], metavar="NAME", help=", ".join(BENCHMARKS)
    )
    for name in parser.parse_args().names or BENCHMARKS:
        module = importlib.import_module(f"benchmarks.{name}")
        print(f"\n{module.__doc__}\n")
        module.run()


if __name__ == "__main__":
    main()
