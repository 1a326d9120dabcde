import httpx

import openwop

with httpx.Client(limits=httpx.Limits(max_connections=20)) as mine:
    transport = openwop.HttpxTransport(mine)
    with openwop.Client(transport=transport) as client:
        print(client.workflows.get("tag-photo").id)
    print("still open:", not mine.is_closed)  # what was passed in is left open

# prints
# tag-photo
# still open: True
