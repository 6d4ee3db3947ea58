"""tidy_command.py BUILD [--alone]: prints what is to be read, one file a line: what the build compiles, where it compiles
several sources at once a file that includes them; with --alone also each of those for itself. Writes the commands of
all to BUILD/read/compile_commands.json.
tidy_command.py BUILD FILE: prints the command that puts FILE and what it includes together, macros as they stand: a tenth of the
time that they take."""
import json
import pathlib
import re
import sys

build = pathlib.Path(sys.argv[1])
kept = build / "read/compile_commands.json"
asked = sys.argv[2:]
if asked and asked != ["--alone"]:
    entry = next(entry for entry in json.loads(kept.read_text()) if entry["file"] == asked[0])
    command = re.sub(r"(^| )-o \S+", " ", entry["command"])
    command = re.sub(r"^\S*ccache ", "", command)
    print(f"cd '{entry['directory']}' && {command.replace(' -c ', ' -E -P -C -fdirectives-only ')}")
    sys.exit()

kept.parent.mkdir(exist_ok=True)
entries = {}
for entry in json.loads((build / "compile_commands.json").read_text()):
    source = entry["file"]
    if source.endswith(".cxx"):
        # The path analyzer follows functions of the main file, and of what it includes where its name says that it unites.
        target, name = re.search(r"/(\w+)\.dir/Unity/unity_(\w+)_cxx\.cxx$", source).groups()
        united = kept.parent.resolve() / f"UnifiedSource-{target}-{name}.cxx"
        text = pathlib.Path(source).read_text()
        if not united.exists() or united.read_text() != text:
            united.write_text(text)
        read = [str(united)]
        if asked:
            read += [part for part in re.findall('#include "(.*)"', text) if not part.endswith("_test.cpp")]
    else:
        read = [source]
    for file in read:
        entries[file] = {**entry, "file": file, "command": entry["command"].replace(source, file)}
kept.write_text(json.dumps(list(entries.values())))
print("\n".join(sorted(entries)))
