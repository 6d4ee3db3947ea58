import { useSignal } from "@preact/signals";
import { useMemo } from "preact/hooks";
import icon from "./icon.svg";

/** The console's address of this page has the code behind `#`, which no server sees; it is taken out of the address at once. */
function codeOfAddress(): string {
  const code = /^#claim=([0-9A-Z-]+)$/.exec(location.hash)?.[1] ?? "";
  if (code !== "") history.replaceState(null, "", location.pathname);
  return code;
}

/** 60 bits in twelve letters, as the device prints them; everything else is a token. */
export function isClaimCode(text: string): boolean {
  return /^[0-9A-Za-z]{12}$/.test(text.replace(/[\s-]/g, ""));
}

interface Refusal {
  reason?: string;
  detail?: string;
  retryAfterMs?: number;
}

const NEXT: Record<string, string> = {
  forbidden: "This is not the code the device printed. Look at its console again: the code is new at every start.",
  conflict: "This device was claimed already. Ask its administrator for a token; who lost all of them finds the way back in the README (reopen-claim).",
  unauthenticated: "This token is wrong, has expired or was taken back. Ask an administrator for another one.",
};

async function post(path: string, headers: Record<string, string>, body?: string): Promise<Response> {
  const answer = await fetch(path, { method: "POST", headers, ...(body !== undefined && { body }) });
  if (answer.ok) return answer;
  const refusal = await answer.json().catch(() => ({})) as Refusal;
  const wait = refusal.retryAfterMs === undefined ? "" : ` Try again in ${Math.ceil(refusal.retryAfterMs / 1000)} s.`;
  throw new Error((NEXT[refusal.reason ?? ""] ?? refusal.detail ?? `The device answered ${answer.status}.`) + wait);
}

/** Claims the device with a code, or takes a token; either way this browser has a cookie then, which no script can read. */
async function enter(text: string, name: string): Promise<boolean> {
  let token = text.replace(/\s/g, "");
  const claims = isClaimCode(token);
  if (claims) {
    const claimed = await post("/v1/claim", { "Content-Type": "application/json" }, JSON.stringify({ code: token, ...(name !== "" && { name }) }));
    token = (await claimed.json() as { token: string }).token;
  }
  if (!/^[\w.-]+$/.test(token)) throw new Error("This is neither a code nor a token: those have letters, digits, dots, dashes and underscores alone. Copy all of it, and nothing beside it.");
  await post("/v1/login", { Authorization: `Bearer ${token}` });
  return claims;
}

export function Entry({ told, entered }: { told: string | undefined; entered(claimed: boolean): void }) {
  const text = useSignal(useMemo(codeOfAddress, [])), name = useSignal(""), fault = useSignal(told), isBusy = useSignal(false);
  const isCode = isClaimCode(text.value);
  const submit = async (event: Event) => {
    event.preventDefault();
    if (text.value.trim() === "") {
      fault.value = "Type the code that the device printed, or a token.";
      return;
    }
    isBusy.value = true;
    fault.value = undefined;
    try {
      entered(await enter(text.value, name.value.trim()));
    } catch (error) {
      fault.value = error instanceof TypeError ? "The device does not answer. Is it on, and the cable plugged in?" : (error as Error).message;
    } finally {
      isBusy.value = false;
    }
  };
  return (
    <main class="alone">
      <form class="entry" onSubmit={(event) => void submit(event)}>
        <h1><img src={icon} alt="" width="40" height="40" /> Signalbox</h1>
        <p><strong>First start?</strong> Type the claim code that the device printed, and it is yours.<br /><strong>Otherwise</strong> paste the token that an administrator gave you.</p>
        <label for="secret">Claim code or token</label>
        <input id="secret" class="secret" autocomplete="off" autocapitalize="characters" spellcheck={false} placeholder="XXXX-XXXX-XXXX" aria-describedby="fault"
          value={text.value} onInput={(event) => { text.value = event.currentTarget.value; }} />
        <label for="name" class={isCode ? "" : "unseen"}>Your name, as others will see it</label>
        <input id="name" class={isCode ? "" : "unseen"} autocomplete="username" maxLength={31} placeholder="owner" disabled={!isCode}
          value={name.value} onInput={(event) => { name.value = event.currentTarget.value; }} />
        <p id="fault" class="fault" role="alert">{fault.value}</p>
        <button class="primary" disabled={isBusy.value}>{isBusy.value ? "One moment…" : isCode ? "Claim this device" : "Log in"}</button>
        <p class="quiet">What you type goes to this device alone. This browser keeps a cookie that no script can read.</p>
      </form>
    </main>
  );
}
