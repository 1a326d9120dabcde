import asyncio

import openwop


async def follow(run: openwop.AsyncRunHandle) -> int:
    count = 0
    async with run.events() as events:
        async for _ in events:
            count += 1
    return count


async def main() -> None:
    async with openwop.AsyncClient() as client:
        runs = [await client.runs.start("long-report") for _ in range(3)]
        async with asyncio.timeout(60), asyncio.TaskGroup() as group:
            tasks = [group.create_task(follow(run)) for run in runs]
    print([task.result() for task in tasks])


asyncio.run(main())

# prints
# [13, 13, 13]
