"""A network between client and broker that tests can break: a relay on the loopback interface."""

import socket
import struct
import threading
from urllib.parse import urlsplit

from broker import variant

HEARTBEAT_FRAME = b"\x08\x00\x00\x00\x00\x00\x00\xce"
RESET_ON_CLOSE = struct.pack("ii", 1, 0)


class Link:
    """Relays every connection made to `url` to the broker, until it is cut or closed."""

    def __init__(self, broker_url: str):
        parts = urlsplit(variant(broker_url))
        self._broker = (parts.hostname, parts.port)
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._lock = threading.Lock()
        self._sockets: list[socket.socket] = []
        self._client_is_silent = False
        self.url = variant(broker_url, host="127.0.0.1", port=self._listener.getsockname()[1])
        # Heartbeats are counted when they come alone, as they do on an idle connection.
        self.heartbeats_from_broker = 0
        threading.Thread(target=self._accept, daemon=True).start()

    def cut(self) -> None:
        """Breaks every connection without a word of AMQP on either side. New ones get through."""
        with self._lock:
            broken, self._sockets = self._sockets, []
        for end in broken:
            self._break(end)

    def silence_client(self) -> None:
        """From now on nothing that a client sends arrives, while its connection stays open."""
        self._client_is_silent = True

    def close(self) -> None:
        self._break(self._listener)
        self.cut()

    def _accept(self) -> None:
        while True:
            try:
                client, _ = self._listener.accept()
                broker = socket.create_connection(self._broker)
            except OSError:
                return
            with self._lock:
                self._sockets += [client, broker]
            threading.Thread(target=self._relay_to_broker, args=(client, broker), daemon=True).start()
            threading.Thread(target=self._relay_to_client, args=(broker, client), daemon=True).start()

    def _relay_to_broker(self, client: socket.socket, broker: socket.socket) -> None:
        try:
            while octets := client.recv(65536):
                if not self._client_is_silent:
                    broker.sendall(octets)
        except OSError:
            pass
        finally:
            self._break(broker)

    def _relay_to_client(self, broker: socket.socket, client: socket.socket) -> None:
        try:
            while octets := broker.recv(65536):
                self.heartbeats_from_broker += octets == HEARTBEAT_FRAME
                client.sendall(octets)
        except OSError:
            pass
        finally:
            self._break(client)

    @staticmethod
    def _break(end: socket.socket) -> None:
        try:
            end.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET_ON_CLOSE)
            # Wakes the thread that waits in recv or accept, which closing alone does not.
            end.shutdown(socket.SHUT_RDWR)
        except OSError:
            pass
        end.close()
