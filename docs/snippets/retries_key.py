import openwop

with openwop.Client() as client:
    key = "order-2026-000417-tag-photo"
    first = client.runs.start("tag-photo", {"photo": "cat.jpg"}, idempotency_key=key)
    again = client.runs.start("tag-photo", {"photo": "cat.jpg"}, idempotency_key=key)
    print(first.id == again.id)

# prints
# True
