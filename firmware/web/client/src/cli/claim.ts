import { closeSync, existsSync, mkdirSync, openSync, readFileSync, renameSync, rmSync, writeSync } from "node:fs";
import { dirname } from "node:path";
import { createInterface } from "node:readline/promises";
import { errorOf } from "../options.js";
import { post } from "../node/http.js";
import { Trust } from "../node/trust.js";
import { RequestError } from "../index.js";
import { NotDone, UsageError, text, type Arguments, type Command } from "./arguments.js";
import { timeoutOf, tokenFile, trustOf, urlOf } from "./device.js";
import { print, printJson } from "./output.js";

/** From a file, or asked for; not from the command line, which others on the machine can read. */
async function codeOf(given: Arguments): Promise<string> {
  const file = text(given, "code-file");
  if (file !== undefined) return readFileSync(file, "utf8").trim();
  const lines = createInterface({ input: process.stdin, output: process.stderr, terminal: false });
  try {
    if (process.stdin.isTTY) process.stderr.write("claim code, as the device's console prints it: ");
    for await (const line of lines) return line.trim();
    throw new UsageError("claim: found no code; expected it on the standard input, or in a file (--code-file)");
  } finally {
    lines.close();
  }
}

export const claim: Command = {
  name: "claim", operands: "",
  options: [
    { name: "code-file", value: "FILE", text: "the claim code, such as the device's own claim-code; else it is read from the standard input" },
    { name: "name", value: "NAME", text: "who you are to the device (owner)" },
    { name: "force", text: "replace a token file that is there" },
  ],
  text: "Makes you the administrator of a device that nobody has claimed. Keeps the token in the token file, readable by you\nalone.",
  async run(given) {
    const file = tokenFile(given), name = text(given, "name");
    if (existsSync(file) && !given.options["force"]) throw new UsageError(`${file}: there is a token already; expected another --token-file, or --force`);
    const trust = new Trust(trustOf(given)), code = await codeOf(given);
    mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
    const beside = `${file}.${process.pid}`, kept = openSync(beside, "wx", 0o600); // before the code is used up
    try {
      const url = new URL("/v1/claim", urlOf(given).replace(/^ws/, "http")).href;
      const { status, body } = await post(trust, url, undefined, timeoutOf(given), { code, ...(name !== undefined && { name }) });
      if (status !== 200) throw status === 403 || status === 409 ? new NotDone(`not claimed: ${errorOf(status, body).detail}`) : new RequestError(errorOf(status, body), "claim");
      const told = JSON.parse(body) as { token: string; name: string; role: string; expires: number };
      writeSync(kept, `${told.token}\n`);
      renameSync(beside, file);
      if (given.options["json"]) printJson({ name: told.name, role: told.role, expires: told.expires, tokenFile: file });
      else print(`claimed as ${told.name}; your token is in ${file}, good until ${new Date(told.expires).toISOString().slice(0, 10)}`);
    } finally {
      closeSync(kept);
      rmSync(beside, { force: true });
    }
  },
};
