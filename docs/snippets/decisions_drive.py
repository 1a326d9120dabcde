import openwop


def approve_short_titles(gate: openwop.Interrupt) -> str:
    return "accept" if len(gate.title) < 40 else "reject"


def ask(gate: openwop.Interrupt) -> dict[str, str]:
    return {name: input(text) for name, text in gate.questions}


with openwop.Client() as client:
    run = client.runs.start("publish-notes", inputs={"notes": "Faster, and in blue."})
    answers = {"approval": approve_short_titles, "clarification": ask}
    print(client.runs.drive(run, answers, timeout=60))

# prints
# {'payload': 'Faster, and in blue.'}
