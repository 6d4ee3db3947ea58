import { readFileSync, statSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import { Trust } from "../node/trust.js";
import { ConnectionError, TrustError, connectTo, readCertificate, type Client, type TrustOptions } from "../node/index.js";
import { UsageError, duration, text, type Arguments } from "./arguments.js";
import { note, progress, progressEnds } from "./output.js";

export function urlOf(given: Arguments): string {
  const url = text(given, "url") ?? process.env["SIGNALBOX_URL"] ?? "wss://localhost:8443/v1/ws";
  return /^[a-z]+:\/\//i.test(url) ? url : `wss://${url}`;
}

export function trustOf(given: Arguments): TrustOptions {
  const ca = text(given, "ca") ?? (given.options["fingerprint"] === undefined ? process.env["SIGNALBOX_CA"] : undefined);
  const fingerprint = text(given, "fingerprint") ?? (ca === undefined ? process.env["SIGNALBOX_FINGERPRINT"] : undefined);
  if (ca !== undefined && fingerprint !== undefined) throw new UsageError("--ca and --fingerprint: found both; expected one of them");
  try {
    const options = { ...(ca !== undefined && { ca: readCertificate(ca) }), ...(fingerprint !== undefined && { fingerprint }) };
    new Trust(options); // says what is wrong with it
    return options;
  } catch (error) {
    throw error instanceof TrustError ? new UsageError(error.message) : error;
  }
}

export function tokenFile(given: Arguments): string {
  return text(given, "token-file") ?? process.env["SIGNALBOX_TOKEN_FILE"]
    ?? join(process.env["XDG_CONFIG_HOME"] ?? join(homedir(), ".config"), "signalbox", "token");
}

/** Never from the command line, which others on the machine can read. */
function tokenOf(given: Arguments): string {
  const named = text(given, "token-file") ?? process.env["SIGNALBOX_TOKEN_FILE"];
  const inEnvironment = process.env["SIGNALBOX_TOKEN"];
  if (named === undefined && inEnvironment !== undefined) return inEnvironment.trim();
  const file = tokenFile(given);
  let token: string;
  try {
    token = readFileSync(file, "utf8").trim();
  } catch (error) {
    throw new UsageError(`no token: ${(error as Error).message}; get one with "signalbox-client claim", or name another by --token-file`);
  }
  if (token === "" || /\s/.test(token)) throw new UsageError(`${file}: found no token; expected one, alone`);
  if ((statSync(file).mode & 0o077) !== 0) note(`${file}: others may read it; expected mode 0600`);
  return token;
}

export function timeoutOf(given: Arguments): number {
  return duration(given, "timeout", 10_000);
}

/** Connected, or an error once the time is over. */
export async function connected(given: Arguments): Promise<Client> {
  const withinMs = timeoutOf(given), url = urlOf(given);
  const client = connectTo({ url, token: tokenOf(given), ...trustOf(given), requestMs: withinMs, refreshesToken: false });
  let why = "no answer";
  const off = client.on("state", ({ state, failure }) => {
    if (failure !== undefined) why = failure.detail;
    progress(`${state} ${url}${failure === undefined ? "" : ` (${failure.detail})`}`);
  });
  const late = setTimeout(() => client.close(), withinMs);
  try {
    await client.open();
    return client;
  } catch (error) {
    if (!(error instanceof ConnectionError)) throw error;
    const { failure } = error;
    throw new ConnectionError({ ...failure, detail: failure.detail === "closed" ? `${url}: ${why}, for ${withinMs} ms` : `${url}: ${failure.detail}` });
  } finally {
    clearTimeout(late);
    off();
    progressEnds();
  }
}

/** Does something with a device, and closes the connection whatever comes. */
export async function withDevice<Result>(given: Arguments, act: (client: Client) => Promise<Result>): Promise<Result> {
  const client = await connected(given);
  try {
    return await act(client);
  } finally {
    client.close();
  }
}
