import openwop

photos = [f"photo-{number}.jpg" for number in range(20)]

with openwop.Client() as client:
    specs = (openwop.RunSpec("tag-photo", {"photo": photo}, key=photo) for photo in photos)
    failed: list[openwop.StartResult[openwop.RunHandle]] = []
    done = 0
    with client.runs.start_many(specs, concurrency=8) as results:
        for result in results:
            if result.run is None:
                failed.append(result)
            else:
                done += 1
    print(done, "started,", len(failed), "failed")

# prints
# 20 started, 0 failed
