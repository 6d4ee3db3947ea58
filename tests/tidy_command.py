"""tidy_command.py COMMANDS: prints what the build compiles at once, one unit a line.
tidy_command.py COMMANDS UNIT: prints the command that preprocesses UNIT, from compile_commands.json."""
import json
import pathlib
import re
import sys

entries = {str(pathlib.Path(entry["directory"], entry["file"]).resolve()): entry
           for entry in json.loads(pathlib.Path(sys.argv[1]).read_text())}
if len(sys.argv) == 2:
    print("\n".join(sorted(entries)))
else:
    entry = entries[sys.argv[2]]
    command = re.sub(r"(^| )-o \S+", " ", entry["command"])
    command = re.sub(r"^\S*ccache ", "", command)
    print(f"cd '{entry['directory']}' && {command.replace(' -c ', ' -E -P -C ')}")
