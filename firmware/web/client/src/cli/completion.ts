import { UsageError, common, summaryOf, type Command } from "./arguments.js";
import { print } from "./output.js";

const optionsOf = (command: Command) => [...command.options, ...common];

function bash(commands: Command[]): string {
  const cases = commands.map((command) => {
    const words = [...(command.words ?? []), ...optionsOf(command).map(({ name }) => `--${name}`)];
    return `    ${command.name}) words="${words.join(" ")}" ;;`;
  });
  return `_signalbox_client() {
  local current="\${COMP_WORDS[COMP_CWORD]}" previous="\${COMP_WORDS[COMP_CWORD-1]}" words
  case "$previous" in
    --ca|--token-file|--code-file) COMPREPLY=($(compgen -f -- "$current")); return ;;
  esac
  if [ "$COMP_CWORD" -eq 1 ]; then
    COMPREPLY=($(compgen -W "${commands.map(({ name }) => name).join(" ")} --help --version" -- "$current"))
    return
  fi
  case "\${COMP_WORDS[1]}" in
${cases.join("\n")}
    *) words="" ;;
  esac
  COMPREPLY=($(compgen -W "$words" -- "$current"))
}
complete -F _signalbox_client signalbox-client`;
}

/** Text in single quotes, in which brackets and colons mean something to _arguments. */
const quoted = (text: string) => text.replace(/'/g, "'\\''").replace(/([[\]:])/g, "\\$1");

function zsh(commands: Command[]): string {
  const names = commands.map((command) => `    '${command.name}:${quoted(summaryOf(command))}'`);
  const cases = commands.map((command) => {
    const words = optionsOf(command).map(({ name, value, text }) =>
      `'--${name}[${quoted(text)}]${value === undefined ? "" : `:${value.toLowerCase()}:${value === "FILE" ? "_files" : ""}`}'`);
    return `    ${command.name}) _arguments ${words.join(" ")} '*:${quoted(command.operands || "nothing")}:(${(command.words ?? []).join(" ")})' ;;`;
  });
  return `#compdef signalbox-client
_signalbox_client() {
  local -a commands
  commands=(
${names.join("\n")}
  )
  if (( CURRENT == 2 )); then
    _describe command commands
    return
  fi
  local chosen=$words[2]
  shift words
  (( CURRENT-- ))
  case $chosen in
${cases.join("\n")}
  esac
}
compdef _signalbox_client signalbox-client`;
}

export function completion(commands: () => Command[]): Command {
  return {
    name: "completion", operands: "bash|zsh", options: [], words: ["bash", "zsh"],
    text: "Prints what makes the shell complete commands and options:\n  source <(signalbox-client completion bash)",
    async run({ operands: [shell] }) {
      if (shell !== "bash" && shell !== "zsh") throw new UsageError(`completion: found "${shell ?? ""}"; expected bash or zsh`);
      print((shell === "bash" ? bash : zsh)(commands()));
    },
  };
}
