#!/usr/bin/env node
import { Exit, explain, run } from "./commands.js";
import { note, progressEnds } from "./output.js";

process.stdout.on("error", (error: NodeJS.ErrnoException) => process.exit(error.code === "EPIPE" ? Exit.done : Exit.refused));
try {
  process.exitCode = await run(process.argv.slice(2));
} catch (error) {
  const [message, code] = explain(error);
  progressEnds();
  note(message);
  process.exitCode = code;
}
