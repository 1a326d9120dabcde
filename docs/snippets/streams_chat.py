import openwop
from openwop.events import OutputChunk

with openwop.Client() as client:
    run = client.runs.start("answer-question", inputs={"question": "What is an approval?"})
    with run.events("messages") as events:
        for event in events:
            if isinstance(event, OutputChunk):
                print(event.payload.chunk, end="", flush=True)
    print()

# prints
# An approval is a node that waits for a person.
