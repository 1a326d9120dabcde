import openwop

with openwop.Client() as client:
    run = client.runs.start("publish-notes", inputs={"notes": "Faster, and in blue."})
    run.wait("input", timeout=30)
    [interrupt] = run.pending_interrupts()
    print("first:", run.approve().outcome)

    try:
        client.interrupts.resolve(run.id, interrupt.node_id, resume_value={"action": "reject"})
    except openwop.InterruptAlreadyResolvedError as error:
        print("second:", error.code)
    print(run.result(timeout=30))

# prints
# first: won
# second: interrupt_already_resolved
# {'payload': 'Faster, and in blue.'}
