import { readFileSync } from "node:fs";
import { ConnectionError, RequestError, TrustError } from "../node/index.js";
import { NotDone, UsageError, helpOf, read, summaryOf, type Command } from "./arguments.js";
import { bench } from "./bench.js";
import { claim } from "./claim.js";
import { completion } from "./completion.js";
import { log } from "./log.js";
import { describe, get, history, journal } from "./look.js";
import { reset, set, stop } from "./move.js";
import { issue, revoke, tokens } from "./tokens.js";
import { columns, note, print, progressEnds } from "./output.js";
import { watch } from "./watch.js";

export const commands: Command[] = [watch, get, set, stop, reset, history, describe, journal, log, claim, tokens, issue, revoke, bench, completion(() => commands)];

const Exit = { done: 0, refused: 1, usage: 2, unreachable: 3, notLetIn: 4, unknown: 5 } as const;

export const HELP = `usage: signalbox-client COMMAND [option]... [operand]...

Talks to a Signalbox device. "signalbox-client COMMAND --help" says more of each.

${columns(commands.map((command) => [`  ${command.name} ${command.operands}`, summaryOf(command)]))}

exit codes
  0  done
  1  the device refused it, or it was not done; the message says why
  2  asked in a way that cannot be right
  3  the device cannot be reached
  4  the token or the device's certificate is not accepted
  5  nobody knows whether it happened: the connection went before the answer came`;

function version(): string {
  return (JSON.parse(readFileSync(new URL("../../package.json", import.meta.url), "utf8")) as { version: string }).version;
}

async function run(words: string[]): Promise<number> {
  const [name, ...rest] = words;
  if (name === "--version") { print(version()); return Exit.done; }
  if (name === "--help" || name === "-h" || name === "help") { print(HELP); return Exit.done; }
  const command = commands.find((one) => one.name === name);
  if (command === undefined) {
    const all = commands.map((one) => one.name).join(", ");
    throw new UsageError(`found ${name === undefined ? "no command" : `"${name}"`}; expected one of ${all} ("signalbox-client --help" says what each does)`);
  }
  const given = read(command, rest);
  if (given.options["help"]) { print(helpOf(command)); return Exit.done; }
  return (await command.run(given)) ?? Exit.done;
}

/** What to say about an error, and the exit code. One that is not foreseen is a defect, and shown as it is. */
function explain(error: unknown): [string, number] {
  if (error instanceof UsageError || error instanceof TypeError && /^url:/.test(error.message)) return [error.message, Exit.usage];
  if (error instanceof NotDone) return [error.message, Exit.refused];
  if (error instanceof RequestError) {
    const after = error.retryAfterMs === undefined ? "" : `; again in ${error.retryAfterMs} ms`;
    const code = error.reason === "unknown" ? Exit.unknown : error.reason === "unauthenticated" ? Exit.notLetIn : Exit.refused;
    return [error.message + after, code];
  }
  if (error instanceof TrustError) return [error.message, Exit.notLetIn];
  if (error instanceof ConnectionError) {
    const { class: kind, detail } = error.failure;
    const next = kind === "trust" ? "; name its authority by --ca FILE or --fingerprint, as the device's console prints it"
      : kind === "credential" ? "; another token by --token-file, or \"signalbox-client claim\"" : "";
    return [detail + next, kind === "trust" || kind === "credential" ? Exit.notLetIn : Exit.unreachable];
  }
  const code = (error as { code?: string }).code ?? "";
  if (/CERT|SIGNATURE|ISSUER/.test(code)) return [`${(error as Error).message}; name its authority by --ca FILE or --fingerprint`, Exit.notLetIn];
  if (/^E(CONN|HOST|NET|TIMEDOUT|PIPE|AI_|NOTFOUND)/.test(code) || /no answer from/.test(String(error))) return [(error as Error).message, Exit.unreachable];
  if (/^E[A-Z]+$/.test(code)) return [(error as Error).message, Exit.usage]; // a file
  return [error instanceof Error ? error.stack ?? error.message : String(error), Exit.refused];
}

/** Does what the words say; the exit code. */
export async function main(words: string[]): Promise<number> {
  try {
    return await run(words);
  } catch (error) {
    const [message, code] = explain(error);
    progressEnds();
    note(message);
    return code;
  }
}
