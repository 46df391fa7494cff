"""A fake registry on loopback with every image except the withdrawn ones."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


@contextmanager
def registry(withdrawn: set[str]) -> Iterator[str]:
    """Its host and port; an image is missing as long as its repository, such as kubesphere/ks-console, is withdrawn."""

    class Handler(BaseHTTPRequestHandler):
        def do_HEAD(self) -> None:
            repository = self.path.removeprefix("/v2/").partition("/manifests/")[0]
            self.send_response(404 if repository in withdrawn else 200)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            return

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()
