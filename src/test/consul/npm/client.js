// The consul of npm, which writes slashes as %2F, at the port that is given.
const assert = require("assert");
const Consul = require("consul");

const consul = new Consul({ port: Number(process.argv[2]), defaults: { token: "anything" } });
const base64 = (text) => Buffer.from(text).toString("base64");

async function values() {
  assert.strictEqual(await consul.kv.set("npm/a", "1"), true);
  assert.strictEqual((await consul.kv.get("npm/a")).Value, "1");
  assert.strictEqual(await consul.kv.get("npm/none"), undefined);
  assert.strictEqual(await consul.kv.set({ key: "npm/b c;d", value: "zwei" }), true);
  assert.deepStrictEqual(await consul.kv.keys("npm/"), ["npm/a", "npm/b c;d"]);
  assert.deepStrictEqual(
    (await consul.kv.get({ key: "npm/", recurse: true })).map((entry) => entry.Value), ["1", "zwei"]);
  assert.strictEqual(String(await consul.kv.get({ key: "npm/a", raw: true })), "1");
  assert.ok(!(await consul.kv.set({ key: "npm/a", value: "2", cas: "0" })));
}

async function locks() {
  const session = (await consul.session.create({ name: "npm", ttl: "10s", lockdelay: "1s", behavior: "delete" })).ID;
  assert.strictEqual(await consul.kv.set({ key: "npm/lock", value: "x", acquire: session }), true);
  assert.strictEqual((await consul.kv.get("npm/lock")).Session, session);
  assert.strictEqual((await consul.session.renew(session))[0].ID, session);
  assert.strictEqual((await consul.session.get(session)).TTL, "10s");
  assert.ok((await consul.session.list()).some((each) => each.ID === session));
  await assert.rejects(
    consul.kv.set({ key: "npm/other", value: "x", acquire: "00000000-0000-0000-0000-000000000000" }),
    (error) => error.statusCode === 500 && error.message.includes("invalid session"));
  await consul.session.destroy(session);
  assert.strictEqual(await consul.kv.get("npm/lock"), undefined, "it goes with its session");
}

async function transactions() {
  const done = await consul.transaction.create([
    { KV: { Verb: "set", Key: "npm/t", Value: base64("v") } },
    { KV: { Verb: "get", Key: "npm/a" } },
  ]);
  assert.strictEqual(done.Results.length, 2);
  await assert.rejects(
    consul.transaction.create([{ KV: { Verb: "cas", Key: "npm/t", Index: 1, Value: base64("w") } }]),
    (error) => error.statusCode === 409);
  assert.strictEqual((await consul.kv.get("npm/t")).Value, "v");
}

// A watch begins at index 0, sees what is there, and then each change.
function watches() {
  return new Promise((resolve, reject) => {
    const watch = consul.watch({ method: consul.kv.get, options: { key: "npm/watched", wait: "5s" } });
    watch.on("error", reject);
    watch.on("change", (entry, answer) => {
      assert.ok(Number(answer.headers["x-consul-index"]) > 0);
      if (entry === undefined) {
        consul.kv.set("npm/watched", "new").catch(reject);
      } else {
        assert.strictEqual(entry.Value, "new");
        watch.end();
        resolve();
      }
    });
  });
}

async function main() {
  await values();
  await locks();
  await transactions();
  await watches();
  const leader = await consul.status.leader();
  assert.ok((await consul.status.peers()).includes(leader), leader);
  await consul.kv.del({ key: "npm/", recurse: true });
  assert.strictEqual(await consul.kv.get("npm/a"), undefined);
  console.log("npm: passed");
}

main().then(() => process.exit(0), (error) => {
  console.error(error);
  process.exit(1);
});
