import type { Device, Note } from "./device.js";
import { isolated, moment } from "./format.js";
import { eventInWords } from "./words.js";

export const SIGNS = { info: "·", warning: "!", error: "▲" };

function text(device: Device, note: Note): string {
  if (note.text !== undefined) return note.text;
  if (note.announcement !== undefined) return `${isolated(note.announcement.by)}: “${note.announcement.text}”`;
  return eventInWords(note.event!, device.named);
}

/** What happened since this page was opened, the newest first. */
export function Activity({ device }: { device: Device }) {
  const notes = device.notes.value.slice(0, 60);
  return (
    <section class="activity" aria-labelledby="activity">
      <h2 id="activity">Activity</h2>
      <div class="log" role="log" aria-labelledby="activity" tabIndex={0}><ol>
        {notes.map((note) => (
          <li key={note.id} class={`is-${note.severity} ${note.announcement === undefined ? "" : "is-said"}`}>
            <time>{moment(note.at, device.now)}</time><span class="sign" aria-hidden="true">{note.announcement === undefined ? SIGNS[note.severity] : "”"}</span><span>{text(device, note)}</span>
          </li>
        ))}
        {notes.length === 0 && <li class="quiet">Nothing yet. What anybody moves is told here.</li>}
      </ol></div>
    </section>
  );
}
