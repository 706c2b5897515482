"""python-consul of Debian, at the port that is given."""
import sys
import threading

import consul

client = consul.Consul(port=int(sys.argv[1]))


def refused(kind, sentence, call):
    try:
        call()
    except kind as error:
        assert sentence in str(error), error
    else:
        raise AssertionError("not refused: " + sentence)


# Values.
assert client.kv.put("py/a", "1") and client.kv.put("py/b", b"\x00\xff", flags=42) and client.kv.put("py/dir/", None)
index, entry = client.kv.get("py/a")
assert entry["Value"] == b"1" and int(index) == entry["ModifyIndex"], (index, entry)
assert client.kv.get("py/b")[1]["Value"] == b"\x00\xff" and client.kv.get("py/b")[1]["Flags"] == 42
assert client.kv.get("py/none")[1] is None and int(client.kv.get("py/none")[0]) > 0
assert client.kv.get("py/", keys=True)[1] == ["py/a", "py/b", "py/dir/"]
assert [entry["Key"] for entry in client.kv.get("py/", recurse=True)[1]] == ["py/a", "py/b", "py/dir/"]
assert not client.kv.put("py/a", "2", cas=0) and client.kv.put("py/a", "2", cas=int(index))
assert not client.kv.delete("py/a", cas=int(index)), "the index is old"
for consistency in ("consistent", "default", "stale"):
    assert client.kv.get("py/b", consistency=consistency)[1] is not None

# Blocking queries.
index, _ = client.kv.get("py/a")
assert client.kv.get("py/a", index=index, wait="1s")[0] == index
threading.Timer(0.3, lambda: consul.Consul(port=int(sys.argv[1])).kv.put("py/a", "3")).start()
later, entry = client.kv.get("py/a", index=index, wait="20s")
assert int(later) > int(index) and entry["Value"] == b"3", (later, entry)

# Sessions and locks.
session = client.session.create(name="py", ttl=10, lock_delay=0)
assert session in [each["ID"] for each in client.session.list()[1]]
assert client.session.info(session)[1]["Name"] == "py"
assert client.session.renew(session)["ID"] == session
assert client.kv.put("py/lock", "x", acquire=session) and client.kv.get("py/lock")[1]["Session"] == session
assert client.kv.put("py/lock", "x", release=session) and "Session" not in client.kv.get("py/lock")[1]
assert client.session.destroy(session)
refused(consul.NotFound, session, lambda: client.session.renew(session))
refused(consul.ConsulException, "invalid session", lambda: client.kv.put("py/lock", "x", acquire=session))

# The cluster.
assert client.status.leader() in client.status.peers()
assert client.agent.self()["Config"]["Datacenter"] == "dc1" and len(client.agent.members()) > 0
assert client.agent.services() == {} and client.catalog.services()[1] == {} and client.catalog.nodes()[1] == []
assert client.catalog.datacenters() == ["dc1"] and client.health.service("none")[1] == []

assert client.kv.delete("py/", recurse=True) and client.kv.get("py/", recurse=True)[1] is None
print("python: passed")
