import openwop

router = openwop.EventRouter()


@router.on("node.completed")
def done(event: openwop.events.RunEvent) -> None:
    print("done:", event.node_id)


@router.on("run.*")
def run_changed(event: openwop.events.RunEvent) -> None:
    print(event.type)


with openwop.Client() as client:
    run = client.runs.start("tag-photo", inputs={"photo": "cat.jpg"})
    with run.events() as events:
        router.follow(events)

# prints
# run.started
# done: tag
# run.completed
