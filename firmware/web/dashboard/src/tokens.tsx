import { useSignal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import type { TokensPayload } from "signalbox-client";
import type { Device } from "./device.js";
import { isolated } from "./format.js";
import { errorInWords } from "./words.js";

type Token = TokensPayload["tokens"][number];

const ROLES = [["viewer", "may look"], ["operator", "may look and move"], ["operator admin", "may do everything"]] as const;

/** A token for somebody else; it is shown this once. */
export function LetIn({ device }: { device: Device }) {
  const isCopied = useSignal(false), place = useRef<HTMLTextAreaElement>(null);
  const copy = async () => {
    place.current!.select(); // where the browser refuses, one key is left to press
    await navigator.clipboard.writeText(token.value!).then(() => { isCopied.value = true; }, () => {});
  };
  const name = useSignal(""), scope = useSignal<string>("viewer"), token = useSignal<string | undefined>(undefined), fault = useSignal("");
  const issue = async (event: Event) => {
    event.preventDefault();
    try {
      token.value = (await device.client.request("issueToken", { name: name.value, scope: scope.value })).token;
      fault.value = "";
      isCopied.value = false;
    } catch (error) {
      fault.value = errorInWords(error);
    }
  };
  return (
    <details>
      <summary>Let somebody in</summary>
      <form onSubmit={(event) => void issue(event)}>
        <label for="who">Name</label><input id="who" maxLength={31} value={name.value} onInput={(event) => { name.value = event.currentTarget.value; }} />
        <label for="may">Rights</label>
        <div class="row">
          <select id="may" value={scope.value} onChange={(event) => { scope.value = event.currentTarget.value; }}>
            {ROLES.map(([value, words]) => <option key={value} value={value}>{words}</option>)}
          </select>
          <button disabled={name.value === "" || !device.isOnline.value}>Make a token</button>
        </div>
        <p class="fault" role="alert">{fault.value}</p>
      </form>
      {token.value !== undefined && (
        <>
          <label for="token">Good for 30 days, shown this once: hand it to {name.value}</label>
          <textarea id="token" class="token" readOnly rows={4} value={token.value} ref={place} onFocus={(event) => event.currentTarget.select()} />
          <button type="button" onClick={() => void copy()}>{isCopied.value ? "Copied" : "Copy"}</button>
        </>
      )}
    </details>
  );
}

/** Those that count: neither taken back nor at their end. */
async function inForce(device: Device): Promise<Token[]> {
  const found: Token[] = [];
  for (let after: number | undefined = 0; after !== undefined;) {
    const page: TokensPayload = await device.client.request("tokens", { after });
    found.push(...page.tokens);
    after = page.next;
  }
  return found.filter(({ kind, revoked, expires }) => kind === "token" && !revoked && (expires ?? Infinity) > device.now);
}

/** Who has a token, and the way to take it back. */
export function TakeBack({ device }: { device: Device }) {
  const tokens = useSignal<Token[]>([]), isOpen = useSignal(false), told = useSignal("");
  const isOnline = device.isOnline.value;
  const read = async () => {
    try {
      tokens.value = await inForce(device);
      told.value = "";
    } catch (error) {
      told.value = errorInWords(error);
    }
  };
  const latest = device.notes.value.find(({ event }) => event?.name === "tokenIssued" || event?.name === "tokenRevoked")?.id;
  useEffect(() => { if (isOpen.value && isOnline) void read(); }, [isOpen.value, isOnline, latest]);
  const revoke = (id: string) => device.client.request("revokeToken", { id }).then(read, (error: unknown) => { told.value = errorInWords(error); });
  return (
    <details onToggle={(event) => { isOpen.value = event.currentTarget.open; }}>
      <summary>Tokens in force</summary>
      <ul>
        {tokens.value.map((token) => <Held key={token.id} token={token} isMine={token.id === device.me.value?.id} isOnline={isOnline} revoke={() => void revoke(token.id)} />)}
      </ul>
      <p class="fault" role="alert">{told.value}</p>
    </details>
  );
}

interface HeldProps {
  token: Token;
  isMine: boolean;
  isOnline: boolean;
  revoke(): void;
}

/** One of them. It is taken back by a second press, since nothing brings it back. */
function Held({ token: { name = "", scope, expires }, isMine, isOnline, revoke }: HeldProps) {
  const isAsked = useSignal(false);
  const until = expires === undefined ? "" : `until ${new Date(expires).toLocaleDateString()}, `;
  return (
    <li class="held">
      <span><b>{isolated(name)}</b> <span class="quiet">{until}{scope}</span></span>
      {isMine ? <span class="role">you</span>
        : <button disabled={!isOnline} aria-label={`${isAsked.value ? "Really take back" : "Take back"} the token of ${name}`} onBlur={() => { isAsked.value = false; }}
          onClick={() => { if (isAsked.value) revoke(); isAsked.value = !isAsked.value; }}>{isAsked.value ? "Really?" : "Take back"}</button>}
    </li>
  );
}
