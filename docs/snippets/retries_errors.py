import openwop


def start(client: openwop.Client) -> str:
    try:
        return client.runs.start("no-such-workflow", deadline=10).id
    except openwop.DeadlineExceededError as error:
        return f"ten seconds were not enough; last: {error.last_error}"
    except openwop.RateLimitError as error:
        return f"come back in {error.retry_after} s"
    except openwop.APIConnectionError as error:
        return "nothing was sent" if error.sent is False else "it may have arrived"
    except openwop.APIStatusError as error:
        return f"{error.status_code} {error.code} after {error.attempts} attempt(s)"


with openwop.Client() as client:
    print(start(client))

# prints
# 400 validation_error after 1 attempt(s)
