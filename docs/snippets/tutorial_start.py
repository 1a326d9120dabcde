import openwop

with openwop.Client() as client:
    run = client.runs.start("publish-notes", inputs={"notes": "Faster, and in blue."})
    with run.events() as events:
        for event in events:
            print(event.sequence, event.type)
            if event.type == "interrupt.requested":
                print("approved:", run.approve().outcome)
    print(run.result())

# prints
# 0 run.started
# 2 node.completed
# 4 node.suspended
# 5 interrupt.requested
# approved: won
# 6 approval.requested
# 7 interrupt.resolved
# 8 approval.received
# 10 node.completed
# 12 node.completed
# 14 node.completed
# 15 run.completed
# {'payload': 'Faster, and in blue.'}
