import { useSignal } from "@preact/signals";
import type { Device } from "./device.js";
import { duration, isolated } from "./format.js";
import { useNow } from "./ticking.js";
import { LetIn, TakeBack } from "./tokens.js";
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
            <b>{isolated(one.name)}</b> <span class="role">{one.session === device.session.value ? "you" : one.role}</span>{" "}
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
      {device.mayAdminister.value && <><LetIn device={device} /><TakeBack device={device} /></>}
    </section>
  );
}
