import openwop

with openwop.Client() as client:
    run = client.runs.start("two-reviews")
    run.wait("input", timeout=30)
    for interrupt in run.pending_interrupts():
        print(interrupt.node_id, interrupt.kind, interrupt.title, interrupt.actions)

    try:
        run.approve()
    except openwop.ConfigurationError as error:
        print(error)

    run.approve("legal", feedback="Checked against the contract.")
    run.approve("brand", decided_by="mia")
    print(run.wait("terminal", timeout=30).status)

# prints
# legal approval May we say this? ('accept', 'reject')
# brand approval Does it sound like us? ('accept', 'reject')
# several nodes...legal, brand...
# completed
