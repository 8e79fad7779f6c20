"""PowerDNS's HTTP API."""

import http.client
import json

from . import environment

KEY = "not so secret"


def options():
    """Those of a PowerDNS that has the API."""
    return {"api": "yes", "webserver": "yes", "api_key": KEY, "webserver_port":
            environment.free_port(), "webserver_address": environment.own_address(),
            "webserver_allow_from": "127.0.0.0/8"}


class Api:
    def __init__(self, powerdns):
        self.address = powerdns.settings["webserver-address"]
        self.port = powerdns.settings["webserver-port"]

    def call(self, method, path, body=None):
        """(status, what the answer says): parsed if it is JSON, else its text."""
        connection = http.client.HTTPConnection(self.address, self.port,
                                                timeout=20 * environment.SLACK)
        connection.request(method, f"/api/v1/servers/localhost{path}",
                           None if body is None else json.dumps(body), {"X-API-Key": KEY})
        response = connection.getresponse()
        text = response.read().decode()
        connection.close()
        try:
            return response.status, json.loads(text)
        except ValueError:
            return response.status, text

    def get(self, path):
        status, answer = self.call("GET", path)
        assert status == 200, f"{path}: {status} {answer}"
        return answer
