import openwop


def read_some(client: openwop.Client, run_id: str, after: int | None, count: int) -> int | None:
    """Read *count* events and return the sequence of the last one."""
    with client.runs.attach(run_id).events(after=after) as events:
        for _, event in zip(range(count), events, strict=False):
            print(event.sequence, event.type, event.node_id)
            after = event.sequence
    return after


with openwop.Client() as client:
    run = client.runs.start("long-report")
    position = read_some(client, run.id, None, 3)

# Later, in another process: all that it needs is the run's id and the position.
with openwop.Client() as client:
    read_some(client, run.id, position, 2)

# prints
# 0 run.started None
# 2 node.completed begin
# 4 node.completed section-1
# 6 node.completed section-2
# 8 node.completed section-3
