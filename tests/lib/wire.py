"""DNS messages taken apart such that equal ones are equal: names written out, sections sorted.

dnspython merges the TTLs of a set and leaves compressed names in types that it doesn't know."""

import socket
import struct

SECTIONS = ("answer", "authority", "additional")
CNAME, SOA, OPT, RRSIG, NSEC3 = 5, 6, 41, 46, 50
# Octets before the names in RDATA that PowerDNS compresses, and how many names.
COMPRESSED = {2: (0, 1), 5: (0, 1), 6: (0, 2), 7: (0, 1), 8: (0, 1), 9: (0, 1), 12: (0, 1),
              14: (0, 2), 15: (2, 1)}


def read_name(message, place):
    """The name at `place` as bytes in wire format, and where it ends."""
    name, end = b"", None
    for _ in range(130):
        length = message[place]
        if length & 0xc0:
            end = end or place + 2
            place = struct.unpack_from("!H", message, place)[0] & 0x3fff
            continue
        name += message[place:place + 1 + length]
        place += 1 + length
        if length == 0:
            return name, end or place
    raise ValueError("a name that doesn't end")


def name_text(name):
    """For people: presentation format."""
    labels, place = [], 0
    while name[place]:
        label = name[place + 1:place + 1 + name[place]]
        labels.append("".join(chr(byte) if 0x20 < byte < 0x7f and byte not in b".\\" else
                              f"\\{byte:03d}" for byte in label))
        place += 1 + len(label)
    return ".".join(labels) + "."


def read_rdata(message, place, length, kind):
    end = place + length
    if kind in COMPRESSED:
        fixed, names = COMPRESSED[kind]
        data = message[place:place + fixed]
        place += fixed
        for _ in range(names):
            name, place = read_name(message, place)
            data += name
        return data + message[place:end]
    if kind == RRSIG:
        # A signature's bytes and dates are different each time; what it covers is not.
        signer, _ = read_name(message, place + 18)
        return message[place:place + 8] + message[place + 16:place + 18] + signer
    return message[place:end]


def read_records(message, place, count):
    records = []
    for _ in range(count):
        name, place = read_name(message, place)
        kind, group, ttl, length = struct.unpack_from("!HHIH", message, place)
        place += 10
        records.append((name, kind, group, ttl, read_rdata(message, place, length, kind)))
        place += length
    return records, place


def parse(message):
    """(flags and rcode, question, [answer, authority, additional])."""
    _, flags, *counts = struct.unpack_from("!6H", message)
    place = 12
    question = []
    for _ in range(counts[0]):
        name, place = read_name(message, place)
        question.append((name,) + struct.unpack_from("!HH", message, place))
        place += 4
    sections = []
    for count in counts[1:]:
        records, place = read_records(message, place, count)
        sections.append(records)
    if place != len(message):
        raise ValueError("bytes behind the message")
    return flags, question, sections


def names_of(message):
    """What an answer is about, in lower case: the name asked for, and where CNAMEs lead to."""
    _, question, (answer, _, _) = parse(message)
    names = [row[0] for row in question] + [row[4] for row in answer if row[1] == CNAME]
    return [name_text(name).lower() for name in names]


def record_text(record):
    name, kind, _, ttl, data = record
    return f"{name_text(name)} TYPE{kind} {ttl} {data!r}"


def exactly(connection, count):
    data = b""
    while len(data) < count:
        more = connection.recv(count - len(data))
        if not more:
            raise ConnectionError("the connection was closed")
        data += more
    return data


def over_tcp(connection, question):
    """Sends one question; the first message of the answer."""
    connection.sendall(struct.pack("!H", len(question)) + question)
    return receive(connection)


def receive(connection):
    return exactly(connection, struct.unpack("!H", exactly(connection, 2))[0])


def transfer(server, question, timeout):
    """All records of a zone, without the closing SOA, in the order in which they came. ValueError
    or OSError where it fails."""
    records = []
    with socket.create_connection((server.address, server.port), timeout) as connection:
        message = over_tcp(connection, question)
        while True:
            flags, _, sections = parse(message)
            if flags & 15 or not sections[0]:
                raise ValueError(f"rcode {flags & 15}")
            records += sections[0]
            if len(records) > 1 and records[-1][1] == SOA:
                return records[:-1]
            message = receive(connection)
