import openwop

for protocol in (1, 2, None):
    with openwop.Client(protocol=protocol) as client:
        run = client.runs.start("publish-notes", inputs={"notes": "In blue."})
        run.wait("input", timeout=30)
        run.approve()
        print(protocol, run.result(timeout=30))

# prints
# 1 {'payload': 'In blue.'}
# 2 {'payload': 'In blue.'}
# None {'payload': 'In blue.'}
