"""Run a question again with another model from where it was asked, and compare the two runs."""

from __future__ import annotations

import openwop

WORDS = ["A ", "node ", "that ", "asks ", "you."]
MODEL = {"id": "stream-text", "config": {"tokens": WORDS}}
ANOTHER = {"configurable": {"version": 1, "ai": {"mockProvider": MODEL}}}


def main() -> None:
    with openwop.Client() as client:
        first = client.runs.start("answer-question", {"question": "What is an approval?"})
        print("first: ", first.result(timeout=60)["text"])

        # A branch runs the rest anew, so whatever it does to the world is done again.
        second = first.fork("branch", from_seq=1, run_options_overlay=ANOTHER)
        print("second:", second.result(timeout=60)["text"])

        difference = first.diff(second)
        print("they part at event", difference.diverged_at_seq)
        for change in difference.event_diffs[:3]:
            print(f"  {change.seq}: {change.op}")

        replay = first.fork("replay")
        print("replay:", replay.result(timeout=60)["text"])


if __name__ == "__main__":
    main()
