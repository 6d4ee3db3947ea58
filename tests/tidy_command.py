"""tidy_command.py BUILD: prints what is to be read, one file a line: what the build compiles, and those of our sources that
it compiles together with others, each alone; writes the commands of all to BUILD/alone/compile_commands.json.
tidy_command.py BUILD FILE: prints the command that preprocesses FILE."""
import json
import pathlib
import re
import sys

build = pathlib.Path(sys.argv[1])
kept = build / "alone/compile_commands.json"
if len(sys.argv) == 2:
    entries = {entry["file"]: entry for entry in json.loads((build / "compile_commands.json").read_text())}
    for unit in list(entries):
        if unit.endswith(".cxx"):
            for part in re.findall('#include "(.*)"', pathlib.Path(unit).read_text()):
                if not part.endswith("_test.cpp"):
                    entries[part] = {**entries[unit], "file": part, "command": entries[unit]["command"].replace(unit, part)}
    kept.parent.mkdir(exist_ok=True)
    kept.write_text(json.dumps(list(entries.values())))
    print("\n".join(sorted(entries)))
else:
    entry = next(entry for entry in json.loads(kept.read_text()) if entry["file"] == sys.argv[2])
    command = re.sub(r"(^| )-o \S+", " ", entry["command"])
    command = re.sub(r"^\S*ccache ", "", command)
    print(f"cd '{entry['directory']}' && {command.replace(' -c ', ' -E -P -C ')}")
