// A link that can be made bad: cut, frozen, or closed to newcomers. As tests/e2e/relay.py.
import { connect, createServer } from "node:net";

export class Relay {
  /** Clients come to `url`; `target` is a port of this machine. */
  static async start(device) {
    const relay = new Relay();
    relay.target = device.port;
    relay.pairs = new Set();
    relay.refuses = relay.isFrozen = false;
    relay.came = 0;
    relay.server = createServer((near) => relay.#accept(near));
    await new Promise((done) => relay.server.listen(0, "127.0.0.1", done));
    relay.port = relay.server.address().port;
    relay.url = device.url.replace(`:${device.port}`, `:${relay.port}`);
    return relay;
  }

  #accept(near) {
    this.came += 1;
    if (this.refuses) return near.resetAndDestroy();
    const far = connect(this.target, "127.0.0.1");
    const pair = { near, far };
    this.pairs.add(pair);
    const gone = () => { near.destroy(); far.destroy(); this.pairs.delete(pair); };
    for (const end of [near, far]) { end.on("error", gone); end.on("close", gone); }
    near.pipe(far);
    far.pipe(near);
  }

  /** Every connection gets a TCP reset. */
  cut() {
    for (const { near, far } of this.pairs) { near.resetAndDestroy(); far.resetAndDestroy(); }
  }

  /** What is open carries nothing any more, and nobody is told; newcomers are served. */
  freeze() {
    for (const { near, far } of this.pairs) { near.unpipe(far); far.unpipe(near); near.pause(); far.pause(); }
  }

  close() {
    this.cut();
    this.server.close();
  }
}
