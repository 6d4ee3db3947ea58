"""tidy_command.py COMMANDS SOURCE: prints the command that preprocesses SOURCE, from compile_commands.json.
Fails where the build does not know the source."""
import json
import pathlib
import re
import sys

commands, source = sys.argv[1:]
wanted = pathlib.Path(source).resolve()
for entry in json.loads(pathlib.Path(commands).read_text()):
    if pathlib.Path(entry["directory"], entry["file"]).resolve() == wanted:
        command = re.sub(r"(^| )-o \S+", " ", entry["command"])
        command = re.sub(r"^\S*ccache ", "", command)
        print(f"cd '{entry['directory']}' && {command.replace(' -c ', ' -E -P -C ')}")
        break
else:
    sys.exit(1)
