import openwop

patient = openwop.RetryPolicy(attempts=6, initial=1.0, maximum=30.0)

with openwop.Client(timeout=10, deadline=120, retry=patient) as client:
    client.discovery.capabilities()

    # One call that must be quick, and is not repeated.
    once = openwop.RetryPolicy(attempts=1)
    run = client.runs.start("tag-photo", {"photo": "cat.jpg"}, deadline=5, retry=once)

    # A copy with other settings, on the same connections.
    batch = client.with_options(deadline=600)
    print(batch.runs.get(run.id).status)

# prints
# completed
