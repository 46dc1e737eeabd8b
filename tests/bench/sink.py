"""A mail server for measuring: takes every mail, keeps none, counts them. Runs as a process of its own."""

import socketserver
import sys


class Conversation(socketserver.StreamRequestHandler):
    """One connection: as little of SMTP as a sender needs."""

    disable_nagle_algorithm = True

    def handle(self) -> None:
        """Answer until the sender takes leave."""
        self._say("220 sink")
        while line := self.rfile.readline():
            word = line[:4].upper()
            if word == b"DATA":
                self._say("354 go ahead")
                while (part := self.rfile.readline()) and part != b".\r\n":
                    pass
                self._say("250 taken")
            elif word == b"QUIT":
                self._say("221 farewell")
                return
            else:
                self._say("250 fine")

    def _say(self, words: str) -> None:
        self.wfile.write(f"{words}\r\n".encode())


class Sink(socketserver.ThreadingTCPServer):
    """Takes any number of connections."""

    allow_reuse_address = True
    daemon_threads = True


if __name__ == "__main__":
    with Sink(("127.0.0.1", int(sys.argv[1])), Conversation) as sink:
        sink.serve_forever()
