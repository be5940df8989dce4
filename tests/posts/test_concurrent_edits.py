"""Many pairs of edits of one post: the drill of benchmarks/edits.py, in small."""

from tests.edits import Drill, Report


def test_what_does_not_overlap_merges_and_what_does_keeps_both(alice, alice_client, editor_client):
    assert Drill(alice, (alice_client, editor_client)).run(8) == Report(merged=4, asked=4, lost=0)
