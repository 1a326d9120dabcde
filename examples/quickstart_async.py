"""The quickstart again, for asyncio: the same names, with `async` and `await`.

OPENWOP_BASE_URL=http://127.0.0.1:3737 OPENWOP_API_KEY=hk_test_1 python quickstart_async.py
"""

import asyncio

import openwop


async def main() -> None:
    async with openwop.AsyncClient() as client:
        await discover(client)
        await publish(client)
        await what_can_go_wrong(client)


async def discover(client: openwop.AsyncClient) -> None:
    capabilities = await client.discovery.capabilities()
    print("the host speaks", capabilities.protocol_versions or capabilities.protocol_version)


async def publish(client: openwop.AsyncClient) -> None:
    run = await client.runs.start("publish-notes", inputs={"notes": "Faster, and in blue."})
    print("started", run.id)

    async with run.events() as events:
        async for event in events:
            print(f"  {event.sequence:>3}  {event.type}")
            if event.type == "interrupt.requested":
                decision = await run.approve()
                print("       approved:", decision.outcome)

    print("result:", await run.result())


async def what_can_go_wrong(client: openwop.AsyncClient) -> None:
    print("\na run that fails:")
    try:
        run = await client.runs.start("broken-build")
        await run.result()
    except openwop.RunFailedError as error:
        print(" ", error)

    print("\na wrong key:")
    try:
        await client.with_options(api_key="hk_test_wrong").runs.start("publish-notes")
    except openwop.AuthenticationError as error:
        print(" ", error)

    print("\na workflow that nobody knows:")
    try:
        await client.runs.start("no-such-workflow")
    except openwop.APIStatusError as error:
        print(" ", error)


if __name__ == "__main__":
    asyncio.run(main())
