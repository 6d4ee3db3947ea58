import { whole, type Command } from "./arguments.js";
import { withDevice } from "./device.js";
import { print, printJson, time } from "./output.js";

export const log: Command = {
  name: "log", operands: "",
  options: [{ name: "count", value: "COUNT", text: "end after so many lines" }],
  text: "Prints the device's log: the lines it has kept, then each as it is written, until Ctrl-C. For administrators.",
  async run(given) {
    let left = whole(given, "count", 1, 2 ** 53) ?? Infinity;
    const asked = new AbortController();
    for (const signal of ["SIGINT", "SIGTERM"]) process.once(signal, () => asked.abort());
    await withDevice(given, async (client) => {
      for await (const line of client.log(asked.signal)) {
        if (given.options["json"]) printJson(line);
        else {
          if (line.lost !== undefined) print(`--  ${line.lost} lines lost`);
          print(`${time(line.at)}  ${line.severity.toUpperCase()}  ${line.text}`);
        }
        left -= 1;
        if (left <= 0) return;
      }
    });
  },
};
