import openwop

with openwop.Client() as client:
    run = client.runs.start("plan-trip")
    run.wait("input", timeout=30)
    [interrupt] = run.pending_interrupts()
    print(interrupt.questions)

    run.answer({"where": "Lisbon", "days": 4})
    print(run.wait("terminal", timeout=30).status)

# prints
# (('where', 'Where to?'), ('days', 'For how many days?'))
# completed
