import openwop
from openwop.events import InterruptRequested, NodeCompleted, RunCompleted, UnknownEvent

with openwop.Client() as client:
    run = client.runs.start("publish-notes", inputs={"notes": "Faster, and in blue."})
    with run.events() as events:
        for event in events:
            match event:
                case NodeCompleted():
                    print(event.node_id, "is done")
                case InterruptRequested():
                    run.approve(event.node_id)
                case RunCompleted():
                    print("outputs:", event.payload.outputs)
                case UnknownEvent():
                    print("new here:", event.raw_type)
                case _:
                    pass

# prints
# draft is done
# review is done
# publish is done
# announce is done
# outputs: {'payload': 'Faster, and in blue.'}
