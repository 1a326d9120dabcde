"""Ask a model in the terminal; the words appear as they come.  An empty line ends it."""

from __future__ import annotations

import openwop
from openwop.events import OutputChunk


def ask(client: openwop.Client, question: str) -> None:
    """Print the answer to *question*, word by word, and what it took."""
    run = client.runs.start("answer-question", inputs={"question": question})
    tokens = 0
    with run.events("updates,messages") as events:
        for event in events:
            if isinstance(event, OutputChunk):
                print(event.payload.chunk, end="", flush=True)
                tokens += 1
    print(f"   [{tokens} pieces]")


def main() -> None:
    with openwop.Client() as client:
        while True:
            try:
                question = input("> ").strip()
            except EOFError:
                break
            if not question:
                break
            ask(client, question)


if __name__ == "__main__":
    main()
