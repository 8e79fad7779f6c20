"""Copies bytes between its standard input and output and a Unix socket: what the pipe connector of
PowerDNS runs where replies are large."""

import os
import socket
import sys
import threading


def copy(read, write):
    while data := read(1 << 16):
        write(data)


connection = socket.socket(socket.AF_UNIX)
connection.connect(sys.argv[1])
threading.Thread(target=copy, daemon=True,
                 args=(connection.recv, lambda data: os.write(1, data))).start()
copy(lambda size: os.read(0, size), connection.sendall)
