"""A run with a human in it, followed live; then the errors that you will meet first.

    OPENWOP_BASE_URL=http://127.0.0.1:3737 OPENWOP_API_KEY=hk_test_1 python quickstart.py

`tox run -e quickstart` serves a host and runs this against it.
"""

import openwop


def main() -> None:
    with openwop.Client() as client:  # OPENWOP_BASE_URL and OPENWOP_API_KEY say where and who
        discover(client)
        publish(client)
        what_can_go_wrong(client)


def discover(client: openwop.Client) -> None:
    capabilities = client.discovery.capabilities()
    print("the host speaks", capabilities.protocol_versions or capabilities.protocol_version)


def publish(client: openwop.Client) -> None:
    run = client.runs.start("publish-notes", inputs={"notes": "Faster, and in blue."})
    print("started", run.id)

    with run.events() as events:  # live, and resumed where it broke off if the connection drops
        for event in events:
            print(f"  {event.sequence:>3}  {event.type}")
            if event.type == "interrupt.requested":
                decision = run.approve()
                print("       approved:", decision.outcome)

    print("result:", run.result())


def what_can_go_wrong(client: openwop.Client) -> None:
    print("\na run that fails:")
    try:
        run = client.runs.start("broken-build")
        run.result()
    except openwop.RunFailedError as error:
        print(" ", error)

    print("\na wrong key:")
    try:
        client.with_options(api_key="hk_test_wrong").runs.start("publish-notes")
    except openwop.AuthenticationError as error:
        print(" ", error)

    print("\na workflow that nobody knows:")
    try:
        client.runs.start("no-such-workflow")
    except openwop.APIStatusError as error:
        print(" ", error)


if __name__ == "__main__":
    main()
