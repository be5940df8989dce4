"""`bin/bench [NAME…]`: runs the benchmarks of this folder, one after another, each with a table at its end."""

import argparse
import importlib
import os
from pathlib import Path

BENCHMARKS = sorted(
    path.stem for path in Path(__file__).parent.glob("[a-z]*.py") if path.stem not in {"ground", "spam_texts"}
)


def main() -> None:
    parser = argparse.ArgumentParser(prog="bin/bench", description="Measure; without a name, everything.")
    parser.add_argument(
        "names", nargs="*", choices=[*BENCHMARKS, []], metavar="NAME", help=", ".join(BENCHMARKS)
    )
    parser.add_argument("--rounds", help="how often each thing is done")
    parser.add_argument("--seed", help="what chance begins with, where something is left to it")
    chosen = parser.parse_args()
    given = {"ROUNDS": chosen.rounds, "SEED": chosen.seed}
    os.environ.update({name: value for name, value in given.items() if value})
    for name in chosen.names or BENCHMARKS:
        module = importlib.import_module(f"benchmarks.{name}")
        print(f"\n{module.__doc__}\n")
        module.run()


if __name__ == "__main__":
    main()
