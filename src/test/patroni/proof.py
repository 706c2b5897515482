"""Three hosts of a PostgreSQL that Patroni keeps available, whose store is raftkv, and what happens to such hosts.

proof.py PLAN DIRECTORY SCENARIO...: the plan is a JSON array with, for each host, the command of its node ("words",
"environment", "directory") and its "url". All runs on this machine, below the directory, which nobody else needs.

A client writes rows all the time and notes which were acknowledged, by whom, and on which timeline. At the end each of them must be
in the last primary; no timeline may have been acknowledged by two servers, and none again after a later one.
"""
import json
import os
import pwd
import select
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request

import psycopg2
import psycopg2.extensions

PROGRAMS = "/usr/lib/postgresql/15/bin"
USER = "postgres"
TTL, LOOP_WAIT, RETRY_TIMEOUT = 20, 2, 8
# A session ends after twice its time to live, which Patroni has halved; then the others look, and one is promoted.
TAKES_OVER = TTL + LOOP_WAIT + 20
PATIENCE = 3


class Late(psycopg2.OperationalError):
    pass


def await_server(connection):
    """What psycopg2 calls to wait: a server that stands still would hold the client for ever."""
    end = time.monotonic() + PATIENCE
    wanted = {psycopg2.extensions.POLL_READ: 0, psycopg2.extensions.POLL_WRITE: 1}
    while True:
        state = connection.poll()
        if state == psycopg2.extensions.POLL_OK:
            return
        lists = [[], [], []]
        lists[wanted[state]].append(connection)
        if not any(select.select(*lists, max(0, end - time.monotonic()))):
            raise Late("no answer within %d s" % PATIENCE)


psycopg2.extensions.set_wait_callback(await_server)


def log(*words):
    print("%s %s" % (time.strftime("%H:%M:%S"), " ".join(str(word) for word in words)), flush=True)


def eventually(what, look, limit):
    end, last = time.monotonic() + limit, None
    while time.monotonic() < end:
        try:
            last = look()
        except (OSError, ValueError, LookupError, psycopg2.Error) as error:
            last = error
        if last and not isinstance(last, Exception):
            return last
        time.sleep(0.25)
    raise AssertionError("within %d s there was not: %s; at last: %s" % (limit, what, last))


def ask(url, body=None, limit=3):
    request = urllib.request.Request(url, data=body and json.dumps(body).encode())
    request.add_header("Content-Type", "application/json")
    with urllib.request.urlopen(request, timeout=limit) as answer:
        return answer.read().decode()


def free_ports(count):
    sockets = [socket.socket() for _ in range(count)]
    for each in sockets:
        each.bind(("127.0.0.1", 0))
    ports = [each.getsockname()[1] for each in sockets]
    for each in sockets:
        each.close()
    return ports


class Host:
    """One node of raftkv, one Patroni that asks it, and the PostgreSQL of that."""

    def __init__(self, number, plan, directory, ports):
        self.name, self.plan, self.directory = "pg%d" % number, plan, directory
        self.postgres, self.api = ports
        self.data = os.path.join(directory, self.name)
        self.node = self.patroni = None

    def start_node(self):
        kept = {name: value for name, value in os.environ.items() if not name.startswith(("RAFT_", "CATALINA_"))}
        with open(os.path.join(self.plan["directory"], "console.log"), "ab") as output:
            self.node = subprocess.Popen(
                self.plan["words"], cwd=self.plan["directory"], env=dict(kept, **self.plan["environment"]),
                stdin=subprocess.DEVNULL, stdout=output, stderr=output, start_new_session=True)

    def start_patroni(self):
        path = self.data + ".yml"
        with open(path, "w") as file:
            json.dump(self.settings(), file)  # which is YAML, too
        user = pwd.getpwnam(USER)
        other = {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": []} if os.getuid() == 0 else {}
        with open(self.data + ".log", "ab") as output:
            self.patroni = subprocess.Popen(
                ["/usr/bin/patroni", path], cwd=self.directory, stdin=subprocess.DEVNULL, stdout=output, stderr=output,
                env={"PATH": PROGRAMS + ":/usr/bin:/bin", "LC_ALL": "C.UTF-8", "HOME": self.directory},
                start_new_session=True, **other)

    def settings(self):
        own = lambda port: "127.0.0.1:%d" % port
        access = lambda name: {"username": name, "password": name}
        return {
            "scope": "proof", "name": self.name,
            "restapi": {"listen": own(self.api), "connect_address": own(self.api)},
            "consul": {"host": self.plan["url"].split("//")[1]},
            "bootstrap": {
                "dcs": {
                    "ttl": TTL, "loop_wait": LOOP_WAIT, "retry_timeout": RETRY_TIMEOUT,
                    "synchronous_mode": True, "synchronous_mode_strict": True,
                    "postgresql": {"use_pg_rewind": True, "parameters": {
                        "wal_log_hints": "on", "max_connections": 30, "shared_buffers": "16MB", "wal_keep_size": "64MB"}}},
                "initdb": [{"encoding": "UTF8"}, "data-checksums", {"auth": "trust"}]},
            "postgresql": {
                "listen": own(self.postgres), "connect_address": own(self.postgres), "data_dir": self.data,
                "bin_dir": PROGRAMS, "pgpass": self.data + ".pgpass",
                "remove_data_directory_on_rewind_failure": True, "remove_data_directory_on_diverged_timelines": True,
                "pg_hba": ["local all all trust", "host all all 127.0.0.1/32 trust",
                           "host replication all 127.0.0.1/32 trust"],
                "authentication": {"superuser": access("postgres"), "replication": access("replicator"),
                                   "rewind": access("rewinder")},
                "parameters": {"unix_socket_directories": self.directory}},
            "watchdog": {"mode": "off"}}

    def connect(self):
        connection = psycopg2.connect(host="127.0.0.1", port=self.postgres, user="postgres", dbname="postgres")
        connection.autocommit = True
        return connection

    def rows(self, statement):
        connection = self.connect()
        try:
            with connection.cursor() as cursor:
                cursor.execute(statement)
                return cursor.fetchall()
        finally:
            connection.close()

    def postmaster(self):
        with open(os.path.join(self.data, "postmaster.pid")) as file:
            return int(file.readline())

    def database(self):
        """PostgreSQL's processes, the postmaster first."""
        try:
            first = self.postmaster()
        except (OSError, ValueError):
            return []
        children = subprocess.run(["pgrep", "-P", str(first)], capture_output=True, text=True, check=False)
        return [first] + [int(pid) for pid in children.stdout.split()]

    def signal(self, number, node=False, patroni=False, database=False):
        if node:
            os.killpg(self.node.pid, number)
        if patroni:
            os.kill(self.patroni.pid, number)
        for pid in self.database() if database else []:
            try:
                os.kill(pid, number)
            except ProcessLookupError:
                pass

    def end(self):
        for process in (self.patroni, self.node):
            if process and process.poll() is None:
                os.killpg(process.pid, signal.SIGKILL)
                process.wait()
        self.signal(signal.SIGKILL, database=True)


class Client(threading.Thread):
    """Writes a row after the other to the primary, and notes what was acknowledged: number, server, timeline, when."""

    def __init__(self, hosts):
        super().__init__(daemon=True)
        self.hosts, self.acknowledged, self.number, self.over = hosts, [], 0, False

    def run(self):
        while not self.over:
            for host in self.hosts:
                try:
                    connection = host.connect()
                    try:
                        self.write(host, connection)
                    finally:
                        connection.close()
                except psycopg2.Error:
                    pass
            time.sleep(0.1)

    def write(self, host, connection):
        cursor = connection.cursor()
        cursor.execute("SELECT pg_is_in_recovery()")
        while not cursor.fetchone()[0] and not self.over:
            self.number += 1
            connection.notices.clear()
            cursor.execute("INSERT INTO written VALUES (%s)"
                           " RETURNING ('x' || substr(pg_walfile_name(pg_current_wal_lsn()), 1, 8))::bit(32)::int",
                           (self.number,))
            timeline = cursor.fetchone()[0]
            # A row that a cancelled wait left on this server alone comes with a warning.
            if not connection.notices:
                self.acknowledged.append((self.number, host.name, timeline, time.monotonic()))
            time.sleep(0.02)
            cursor.execute("SELECT false")

    def since(self, moment, *names):
        return [each for each in self.acknowledged[-3000:] if each[3] > moment and each[1] in names]


class Proof:
    def __init__(self, hosts):
        self.hosts, self.client = hosts, Client(hosts)

    def start(self):
        for host in self.hosts:
            host.start_node()
        for host in self.hosts:
            eventually("a ready node " + host.name, lambda: ask(host.plan["url"] + "/health/ready"), 120)
        eventually("a store that takes Consul's writes", lambda: self.takes_writes(self.hosts[0]), 60)
        for host in self.hosts:
            host.start_patroni()
        primary = self.whole(120)
        primary.rows("CREATE TABLE written(number bigint PRIMARY KEY); SELECT 1")
        self.client.start()

    @staticmethod
    def takes_writes(host):
        request = urllib.request.Request(host.plan["url"] + "/v1/kv/first", data=b"x", method="PUT")
        with urllib.request.urlopen(request, timeout=3) as answer:
            return answer.read() == b"true"

    def members(self):
        for host in self.hosts:
            try:
                return json.loads(ask("http://127.0.0.1:%d/cluster" % host.api))["members"]
            except (OSError, ValueError):
                continue
        return []

    def primary(self):
        leaders = [each["name"] for each in self.members() if each["role"] == "leader" and each["state"] == "running"]
        return self.named(leaders[0]) if len(leaders) == 1 else None

    def named(self, name):
        return next(host for host in self.hosts if host.name == name)

    def whole(self, limit=150):
        """Waits for a primary and two that follow it on its timeline, one of them synchronous. Returns the primary."""
        def look():
            members = self.members()
            good = (sorted(each["role"] for each in members) == ["leader", "replica", "sync_standby"]
                    and {each["state"] for each in members} <= {"running", "streaming"}
                    and len({each["timeline"] for each in members}) == 1)
            return good and self.primary()
        return eventually("a whole cluster", look, limit)

    def store_leader(self):
        for host in self.hosts:
            try:
                if json.loads(ask(host.plan["url"] + "/raft/stats", limit=1))["data"]["state"] == "Leader":
                    return host
            except (OSError, ValueError):
                continue
        return None

    def others(self, one):
        return [host for host in self.hosts if host is not one]

    def another_writes(self, old, began, limit):
        names = [host.name for host in self.others(old)]
        row = eventually("a row acknowledged by another", lambda: self.client.since(began, *names), limit)[0]
        log("  ", row[1], "acknowledges after %.1f s" % (row[3] - began))

    def stays(self, primary, seconds):
        """It writes all the time, on its timeline, and nobody else does."""
        began, timeline = time.monotonic(), self.client.acknowledged[-1][2]
        while time.monotonic() < began + seconds:
            time.sleep(1)
            recent = self.client.since(time.monotonic() - 6, primary.name)
            assert recent, "%s has acknowledged nothing for 6 s" % primary.name
        rows = self.client.since(began, *(host.name for host in self.hosts))
        assert {(row[1], row[2]) for row in rows} == {(primary.name, timeline)}, "the primary has moved"
        gaps = [later[3] - earlier[3] for earlier, later in zip(rows, rows[1:])]
        log("  ", primary.name, "stays, its longest gap is %.1f s" % max(gaps))

    # What happens.
    def switchover(self, primary):
        target = next(each["name"] for each in self.members() if each["role"] == "sync_standby")
        began = time.monotonic()
        ask("http://127.0.0.1:%d/switchover" % primary.api, {"leader": primary.name, "candidate": target}, 60)
        self.another_writes(primary, began, 30)

    def kill_postmaster(self, primary):
        began = time.monotonic()
        os.kill(primary.postmaster(), signal.SIGKILL)
        everybody = [host.name for host in self.hosts]
        eventually("a row acknowledged", lambda: self.client.since(began + 2, *everybody), 60)

    def kill_host(self, primary):
        began = time.monotonic()
        primary.signal(signal.SIGKILL, node=True, patroni=True, database=True)
        primary.patroni.wait()
        primary.node.wait()
        self.another_writes(primary, began, TAKES_OVER + 15)
        primary.start_node()
        eventually("its node again", lambda: ask(primary.plan["url"] + "/health/ready"), 90)
        primary.start_patroni()

    def stop_host(self, primary):
        self.stands_still(primary, node=True, patroni=True, database=True)

    def stop_patroni(self, primary):
        self.stands_still(primary, patroni=True)

    def stands_still(self, primary, **what):
        began = time.monotonic()
        primary.signal(signal.SIGSTOP, **what)
        try:
            self.another_writes(primary, began, TAKES_OVER + 15)
            time.sleep(3)
        finally:
            primary.signal(signal.SIGCONT, **what)

    def stop_store_leader(self, primary):
        leader = self.foreign_store_leader(primary)
        leader.signal(signal.SIGSTOP, node=True)
        try:
            self.stays(primary, TTL + 5)
        finally:
            leader.signal(signal.SIGCONT, node=True)

    def kill_store_leader(self, primary):
        leader = self.foreign_store_leader(primary)
        leader.signal(signal.SIGKILL, node=True)
        leader.node.wait()
        try:
            self.stays(primary, TTL + 5)
        finally:
            leader.start_node()
        eventually("its node again", lambda: ask(leader.plan["url"] + "/health/ready"), 90)

    def foreign_store_leader(self, primary):
        """A leader at a host other than the primary's, whose Patroni would have nobody else to ask."""
        leader = eventually("a leader of the store", self.store_leader, 30)
        if leader is primary:
            log("   %s hands the store over" % leader.name)
            leader.signal(signal.SIGTERM, node=True)
            leader.node.wait()
            leader.start_node()
            eventually("its node again", lambda: ask(leader.plan["url"] + "/health/ready"), 90)
            leader = eventually("a leader of the store", self.store_leader, 30)
            assert leader is not primary, "it leads again"
            self.whole()
        return leader

    def no_store_leader(self, primary):
        """The primary's own node is alone for five seconds."""
        began = time.monotonic()
        for host in self.others(primary):
            host.signal(signal.SIGSTOP, node=True)
        try:
            time.sleep(5)
        finally:
            for host in self.others(primary):
                host.signal(signal.SIGCONT, node=True)
        self.stays(primary, max(1, 15 - (time.monotonic() - began)))

    def judge(self):
        primary = self.whole()
        self.client.over = True
        self.client.join(30)
        acknowledged = self.client.acknowledged
        there = {row[0] for row in primary.rows("SELECT number FROM written")}
        lost = [row for row in acknowledged if row[0] not in there]
        assert not lost, "%d rows were acknowledged and are lost: %s" % (len(lost), lost[:5])
        writers = {}
        for _, name, timeline, _ in acknowledged:
            writers.setdefault(timeline, set()).add(name)
        assert all(len(names) == 1 for names in writers.values()), "a timeline has two writers: %s" % writers
        timelines = [row[2] for row in acknowledged]
        assert timelines == sorted(timelines), "an older timeline was acknowledged after a later one"
        log(len(acknowledged), "rows acknowledged, none lost; timelines", writers)


SCENARIOS = {
    each.__name__: each for each in (
        Proof.switchover, Proof.kill_postmaster, Proof.stop_store_leader, Proof.no_store_leader, Proof.kill_store_leader,
        Proof.kill_host, Proof.stop_host, Proof.stop_patroni)}


def main():
    plan, directory, names = sys.argv[1], sys.argv[2], sys.argv[3:] or list(SCENARIOS)
    os.makedirs(directory)
    if os.getuid() == 0:
        shutil.chown(directory, USER)
    ports = free_ports(6)
    with open(plan) as file:
        hosts = [Host(number + 1, node, directory, ports[2 * number:2 * number + 2])
                 for number, node in enumerate(json.load(file))]
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    try:
        proof = Proof(hosts)
        proof.start()
        for name in names:
            primary = proof.whole()
            time.sleep(2)
            log(name, "(primary: %s)" % primary.name)
            SCENARIOS[name](proof, primary)
        proof.judge()
        print("passed", flush=True)
    finally:
        for host in hosts:
            host.end()


if __name__ == "__main__":
    main()
