"""A real pdns_server, on the daemon's socket or on gsqlite3."""

import dns.exception

from . import environment, generation, query
from .process import Process

CACHES_OFF = {
    "cache-ttl": 0,
    "query-cache-ttl": 0,
    "negquery-cache-ttl": 0,
    "zone-cache-refresh-interval": 0,
    "domain-metadata-cache-ttl": 0,
    "dnssec-key-cache-ttl": 0,
    # Room for them is made at the start, which takes longer than all the rest of it.
    "max-cache-entries": 100,
    "max-packet-cache-entries": 100,
}


def connector(socket, relay=None):
    if relay is None:
        return f"unix:path={socket}"
    words = [environment.daemon_binary(), "relay", "--socket", socket, *relay]
    return f"pipe:command={' '.join(str(word) for word in words)},timeout=0"


class PowerDNS(Process):
    """The generation that is tested. Options are pdns.conf's, with `_` for `-`. Its caches are off
    unless `caches` is true. `relay`: the options of a relay, if the socket is to be used through
    one."""

    def __init__(self, folder, name="pdns", socket=None, gsqlite3=None, caches=False,
                 connection="", relay=None, address=None, port=None, **options):
        super().__init__(name, folder)
        self.address = address or environment.own_address()
        self.port = port or environment.free_port()
        self.config_folder = folder / name
        self.config_folder.mkdir()
        self.generation = generation.tested()
        self.settings = {
            **self.generation.settings(),
            "local-address": self.address,
            "local-port": self.port,
            "socket-dir": self.config_folder,
            "daemon": "no",
            "guardian": "no",
            "disable-syslog": "yes",
            "write-pid": "no",
            "loglevel": 6,
            "security-poll-suffix": "",
            "version-string": "anonymous",
            # Otherwise ANY over UDP is answered with TC and nothing else.
            "any-to-tcp": "no",
            # Otherwise each name server of a changed zone is looked up and told, wherever it is.
            "only-notify": "",
            "query-local-address": self.address,
            # What has waited for a thread for longer, it drops without a word (timedout-packets).
            "queue-limit": int(1500 * environment.SLACK),
        }
        if socket is not None:
            self.settings.update({
                "launch": "remote",
                "remote-connection-string": connector(socket, relay) + connection,
                "remote-dnssec": "yes"})
        if gsqlite3 is not None:
            self.settings.update({
                "launch": "gsqlite3",
                "gsqlite3-database": gsqlite3,
                "gsqlite3-pragma-synchronous": 0,
                "gsqlite3-dnssec": "yes"})
        if not caches:
            self.settings.update(CACHES_OFF)
        self.settings.update({key.replace("_", "-"): value for key, value in options.items()})
        self.write_config()

    def write_config(self):
        lines = [f"{key}={value}" for key, value in self.settings.items()]
        (self.config_folder / "pdns.conf").write_text("\n".join(lines) + "\n")

    def start(self):
        self.start_without_waiting()
        alone = self.settings.get("distributor-threads") == 1
        self.wait_for_log("operating unthreaded" if alone else "ready to distribute questions",
                          timeout=15)
        return self

    def start_without_waiting(self):
        self.spawn(self.generation.command("pdns_server", f"--config-dir={self.config_folder}"),
                   env=self.generation.environment())

    def stop(self):
        self.terminate()

    def restart(self):
        self.stop()
        return self.start()

    def control(self, *words):
        return self.generation.run("pdns_control", f"--config-dir={self.config_folder}",
                                   f"--socket-dir={self.config_folder}", *words, timeout=20).stdout

    def run_pdnsutil(self, *words, **options):
        """pdnsutil with this server's configuration, so with its backend. Commands by their names
        of before 5.0."""
        return self.generation.run_pdnsutil([f"--config-dir={self.config_folder}"], words,
                                            **options)

    def pdnsutil(self, *words, check=True, **options):
        """Its output."""
        done = self.run_pdnsutil(*words, **options)
        if check and done.returncode != 0:
            raise AssertionError(f"pdnsutil {words}: {done.stdout}{done.stderr}")
        return done.stdout + done.stderr

    def ask(self, name, kind="A", **options):
        return query.ask(self.address, self.port, name, kind, **options)

    def addresses(self, name, kind="A", **options):
        """The addresses in the answer, sorted; the response must be NOERROR."""
        return query.addresses(self.ask(name, kind, **options))

    def transfer(self, zone, key=None):
        return query.transfer(self.address, self.port, zone, key)

    def wait_for_answer(self, name, kind, expected, timeout=10.0):
        """Asks until the addresses are the expected ones."""
        def matches():
            try:
                return query.addresses(self.ask(name, kind), strict=False) == sorted(expected)
            except dns.exception.Timeout:
                return False

        environment.wait_until(matches, timeout, f"{name} {kind} = {expected}", interval=0.1)
