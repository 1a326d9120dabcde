import openwop

with openwop.Client(protocol=1) as client:
    try:
        for run in client.runs.list():
            print(run.run_id)
    except openwop.CapabilityNotSupportedError as error:
        print(error)
        print("sent anything:", error.response is not None)

# prints
# runs.list exists in protocol major 2 only...
# sent anything: False
