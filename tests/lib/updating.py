"""Dynamic updates (RFC 2136) sent by BIND's nsupdate and by Knot's knsupdate."""

import re
import subprocess

from . import environment

TOOLS = ("nsupdate", "knsupdate")
FAILURE = re.compile(r"update failed(?:: | with error ')([A-Z]+)|status: ([A-Z]+);")


def update(server, zone, *lines, tool="nsupdate", key=None):
    """Sends one update of `lines`, in nsupdate's language; '@' stands for the zone's name. Returns
    the response's code as the tool says it ("NOERROR"), or what the tool printed if it says
    none."""
    script = "\n".join([f"server {server.address} {server.port}",
                        f"local {environment.own_address()}", f"zone {zone}.",
                        *(line.replace("@", f"{zone}.") for line in lines), "send"])
    signing = ["-y", f"{key.algorithm}:{key.name}:{key.secret}"] if key else []
    done = subprocess.run([tool, *signing], input=script + "\n", text=True, capture_output=True,
                          timeout=30 * environment.SLACK)
    if done.returncode == 0:
        return "NOERROR"
    said = FAILURE.search(done.stdout + done.stderr)
    return said[1] or said[2] if said else done.stdout + done.stderr
