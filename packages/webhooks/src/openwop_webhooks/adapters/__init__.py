"""One module per framework, each importing its framework alone.

`wsgi` and `asgi` need nothing.  `starlette`, `fastapi`, `flask`, `django`, `aiohttp` and
`aws_lambda` speak their framework's words.  All of them answer as `openwop_webhooks.Receiver` does.
"""
