// The simulator as a process, claimed: as tests/e2e/device.py has it.
import { spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { request } from "node:https";

export const TOP = resolve(import.meta.dirname, "../../..");
const SIM = process.env.SIGNALBOX_SIM ?? join(TOP, "build/sim/sim/signalbox-sim");
/** Sanitizers and a busy machine cost time, which no test here is about. */
export const PATIENCE = /^(|0|OFF)$/.test(process.env.SIGNALBOX_SANITIZED ?? "") ? 3 : 8;

const UNLIMITED = ["--handshakes-per-s", "0", "--connections-per-address", "0", "--requests-per-s", "0", "--bytes-per-s", "0"];

/** The bench's device file, each of its channels changed as wanted. */
export function bench(change) {
  const file = JSON.parse(readFileSync(join(TOP, "boards/bench/device.json"), "utf8"));
  for (const part of file.parts) for (const channel of Object.values(part.channels)) change(channel);
  return file;
}

/** What heater and fan share. */
export function withBaton() {
  return bench((channel) => { if (/heater$|fan$/.test(channel.path)) channel.baton = "cabin"; });
}

export class Device {
  /** `options`: as on the command line. `file`: the device file, where it is not the bench's own. `state` given: kept at the end, and so is who was claimed there. */
  static async start({ options = [], state, port = 0, token, limits = UNLIMITED, file, unclaimed = false } = {}) {
    const device = new Device();
    device.ownState = state === undefined;
    device.state = state ?? mkdtempSync(join(tmpdir(), "signalbox-"));
    const declared = join(device.state, "device.json");
    if (file !== undefined) writeFileSync(declared, JSON.stringify(file));
    device.process = spawn(SIM, ["--port", String(port), "--state", device.state, ...limits, ...(file ? ["--device-file", declared] : []), ...options.map(String)], { stdio: ["ignore", "pipe", "pipe"] });
    device.errors = "";
    device.ended = new Promise((done) => device.process.on("exit", (code, signal) => done(code ?? signal)).on("error", done));
    device.process.stderr.setEncoding("utf8").on("data", (text) => { device.errors += text; });
    const banner = await device.#banner();
    device.url = /URL +(\S+)/.exec(banner)[1].replace("127.0.0.1", "localhost");
    device.port = Number(new URL(device.url).port);
    device.fingerprint = /fingerprint +SHA-256 (\S+)/.exec(banner)[1];
    device.ca = readFileSync(join(device.state, "certificate"), "utf8");
    device.claimCode = /claim code +in (\S+) \(once/.exec(banner)?.[1];
    if (!unclaimed) device.token = token ?? (await device.post("/v1/claim", { code: readFileSync(device.claimCode, "utf8").trim() })).token;
    return device;
  }

  #banner() {
    let text = "";
    return new Promise((done, failed) => {
      this.process.stdout.setEncoding("utf8").on("data", (more) => {
        text += more;
        if (/Live telemetry.*\n.+\n/.test(text)) done(text);
      });
      void this.ended.then((code) => failed(new Error(`the simulator did not start (${code}): ${text}${this.errors}`)));
    });
  }

  /** The answer's text. */
  ask(method, path, { body, token } = {}) {
    return new Promise((done, failed) => {
      const asked = request({ host: "localhost", port: this.port, path, method, ca: this.ca, agent: false,
        headers: token ? { Authorization: `Bearer ${token}` } : {} }, (answer) => {
        let text = "";
        answer.setEncoding("utf8").on("data", (more) => { text += more; }).on("end", () => {
          if (answer.statusCode === 200) done(text);
          else failed(new Error(`${path}: HTTP ${answer.statusCode} ${text}`));
        });
      });
      asked.on("error", failed);
      asked.end(body === undefined ? undefined : JSON.stringify(body));
    });
  }

  /** The answer's JSON. */
  async post(path, body, token) {
    return JSON.parse(await this.ask("POST", path, { body, token }));
  }

  /** Ended by SIGTERM; its own complaints count as a failure. */
  async end(signal = "SIGTERM") {
    this.process.kill(signal);
    const code = await this.ended;
    if (this.ownState) rmSync(this.state, { recursive: true, force: true });
    if (signal === "SIGTERM" && code !== 0) throw new Error(`the simulator ended with ${code}: ${this.errors}`);
  }
}
