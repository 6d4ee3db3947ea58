import type { Client, TokensPayload } from "../index.js";
import { UsageError, duration, type Command } from "./arguments.js";
import { withDevice } from "./device.js";
import { columns, note, print, printJson } from "./output.js";

type Token = TokensPayload["tokens"][number];

async function all(client: Client): Promise<Token[]> {
  const found: Token[] = [];
  for (let after: number | undefined = 0; after !== undefined;) {
    const page: TokensPayload = await client.request("tokens", { after });
    found.push(...page.tokens);
    after = page.next;
  }
  return found;
}

const day = (at: number | undefined) => at === undefined ? "for good" : `until ${new Date(at).toISOString().slice(0, 10)}`;

export const tokens: Command = {
  name: "tokens", operands: "", options: [],
  text: "Lists the tokens that were given out: what each may, and the ID that revoke takes. For administrators.",
  async run(given) {
    const found = await withDevice(given, all);
    if (given.options["json"]) found.forEach(printJson);
    else print(columns(found.map(({ id, name, scope, expires, revoked }) => [id, name ?? "-", revoked ? "revoked" : day(expires), scope ?? "-"])));
  },
};

export const issue: Command = {
  name: "issue", operands: "NAME SCOPE...",
  options: [{ name: "lifetime", value: "DURATION", text: "how long it is good, 1m to 366d (30d)" }],
  text: "Prints a new token: it is shown this once. SCOPE is such as viewer, operator, read:cabin/#, control:cabin/heater, admin.\n"
    + "For administrators, who give out no more than they have.",
  words: ["viewer", "operator", "admin"],
  async run(given) {
    const [name, ...scope] = given.operands;
    if (name === undefined || scope.length === 0) throw new UsageError("issue: expected NAME SCOPE, such as panel viewer, or panel read:# control:cabin/heater");
    const lifetimeS = Math.round(duration(given, "lifetime", 30 * 86_400_000) / 1000);
    const told = await withDevice(given, (client) => client.request("issueToken", { name, scope: scope.join(" "), lifetimeS }));
    if (given.options["json"]) return printJson(told);
    print(told.token);
    note(`${told.name} may ${told.scope}, ${day(told.expires)}; taken back by "revoke ${told.id}"`);
  },
};

export const revoke: Command = {
  name: "revoke", operands: "ID...", options: [],
  text: "Takes tokens back, while they are in use too: their sessions end, and what they held goes safe. For administrators.",
  async run(given) {
    if (given.operands.length === 0) throw new UsageError("revoke: found no ID; \"tokens\" lists them");
    await withDevice(given, async (client) => {
      for (const id of given.operands) {
        const { outcome, token } = await client.request("revokeToken", { id });
        if (given.options["json"]) printJson({ id, outcome, ...(token !== undefined && { token }) });
        else print(`${id}: ${outcome}`);
        if (token !== undefined && !given.options["json"]) note(`your own was signed by that key; your new one is ${token}`);
      }
    });
  },
};
