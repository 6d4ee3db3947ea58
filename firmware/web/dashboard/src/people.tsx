import { useSignal } from "@preact/signals";
import type { Device } from "./device.js";
import { duration } from "./format.js";
import { useNow } from "./ticking.js";
import { errorInWords } from "./words.js";

/** Who is there, what they hold, and a line to all of them. */
export function People({ device }: { device: Device }) {
  useNow(10_000);
  const text = useSignal(""), told = useSignal("");
  const say = async (event: Event) => {
    event.preventDefault();
    try {
      const { reached } = await device.client.request("announce", { to: "all", text: text.value });
      told.value = reached === 1 ? "One other heard it." : `${reached ?? 0} others heard it.`;
      text.value = "";
    } catch (error) {
      told.value = errorInWords(error);
    }
  };
  return (
    <section class="people" aria-labelledby="people">
      <h2 id="people">People</h2>
      <ul>
        {device.people.value.map((one) => (
          <li key={one.session} class={one.session === device.session.value ? "is-me" : ""}>
            <b>{one.name}</b> <span class="role">{one.session === device.session.value ? "you" : one.role}</span>
            <span class="quiet">{duration(device.now - one.since)}{one.peer !== undefined && ` · ${one.peer}`}</span>
            {one.batons.map((group) => <span key={group} class="tag">baton {group}</span>)}
            {one.leases.map((path) => <span key={path} class="tag">holds {device.named(path)}</span>)}
          </li>
        ))}
      </ul>
      <form onSubmit={(event) => void say(event)}>
        <label for="say">Tell everybody</label>
        <div class="row">
          <input id="say" maxLength={200} placeholder="Heater under repair until six" value={text.value} onInput={(event) => { text.value = event.currentTarget.value; }} />
          <button disabled={text.value === "" || !device.isOnline.value}>Tell</button>
        </div>
        <p class="quiet" role="status">{told.value}</p>
      </form>
      {device.mayAdminister.value && <LetIn device={device} />}
    </section>
  );
}

const ROLES = [["viewer", "may look"], ["operator", "may look and move"], ["operator admin", "may do everything"]] as const;

/** A token for somebody else; it is shown this once. */
function LetIn({ device }: { device: Device }) {
  const name = useSignal(""), scope = useSignal<string>("viewer"), token = useSignal<string | undefined>(undefined), fault = useSignal("");
  const issue = async (event: Event) => {
    event.preventDefault();
    try {
      token.value = (await device.client.request("issueToken", { name: name.value, scope: scope.value })).token;
      fault.value = "";
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
          <textarea id="token" class="token" readOnly rows={4} value={token.value} onFocus={(event) => event.currentTarget.select()} />
        </>
      )}
    </details>
  );
}
