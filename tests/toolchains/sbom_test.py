"""The bill of materials that the build makes: held against what is linked, the lock file, the change logs and its schema."""
import gzip
import importlib.machinery
import importlib.util
import itertools
import json
import os
import pathlib
import re
import shutil
import subprocess
import tempfile
import unittest

TOP = pathlib.Path(__file__).resolve().parents[2]
SIM = pathlib.Path(os.environ.get("SIGNALBOX_SIM", TOP / "build/sim/sim/signalbox-sim"))
BUILD = SIM.parents[1]


def loaded():
    loader = importlib.machinery.SourceFileLoader("sbom", str(TOP / "toolchains/sbom"))
    module = importlib.util.module_from_spec(importlib.util.spec_from_loader("sbom", loader))
    loader.exec_module(module)
    return module


class Bill(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.text = pathlib.Path(f"{SIM}.cdx.json").read_text()
        cls.bill = json.loads(cls.text)
        cls.components = {component["bom-ref"]: component for component in cls.bill["components"]}
        cls.sbom = loaded()

    def test_its_schema(self):
        done = subprocess.run(["node", TOP / "tests/npm/sbom.mjs"], input=self.text, text=True, capture_output=True, check=True)
        self.assertEqual(done.stdout, "")

    def test_it_is_of_this_program(self):
        self.assertEqual(self.bill["metadata"]["component"]["hashes"][0]["content"], self.sbom.sha256(SIM))
        told = subprocess.run([SIM, "--version"], text=True, capture_output=True, check=True).stdout.split()
        self.assertEqual(self.bill["metadata"]["component"]["version"], told[1])

    def test_everything_that_is_linked_is_in_it(self):
        link = subprocess.run(["ninja", "-C", BUILD, "-t", "commands", "-s", str(SIM.relative_to(BUILD))], text=True, capture_output=True, check=True)
        foreign = [pathlib.Path(word) for word in link.stdout.split() if word.endswith(".a") and word.startswith("/")]
        self.assertEqual(len(foreign), 2)
        for archive in foreign:
            sums = [component["hashes"][0]["content"] for component in self.bill["components"] if "hashes" in component]
            self.assertIn(self.sbom.sha256(archive), sums, archive)
        files = {entry["value"] for component in self.bill["components"] for entry in component.get("properties", ())}
        dynamic = subprocess.run(["readelf", "-d", SIM], text=True, capture_output=True, check=True).stdout
        needed = set(re.findall(r"\(NEEDED\).*\[(.*)\]", dynamic))
        self.assertEqual(needed - files, set())
        self.assertLessEqual({"libc6", "libstdc++6", "libgcc-s1"}, set(self.components))  # shared or within

    def test_what_a_library_carries_of_others_is_in_it(self):
        built = subprocess.run(["nm", "--defined-only", SIM], text=True, capture_output=True, check=True).stdout
        self.assertIn("Hacl_Curve25519_crypto_scalarmult", built)
        self.assertEqual([part["name"] for part in self.components["mbedtls"]["components"]], ["Everest x25519"])

    def test_what_the_page_is_made_of_is_in_it(self):
        """What its sources import, and what that needs."""
        page = self.sbom.HERE.parent / "firmware/web/dashboard"
        declared = json.loads((page / "package.json").read_text())["dependencies"]
        bundled = {name.removeprefix("npm/") for name in self.components if name.startswith("npm/")}
        self.assertEqual(bundled, {*declared, "@preact/signals-core"})

    def test_each_says_what_is_to_be_known(self):
        for name, component in self.components.items():
            for member in ("version", "purl", "licenses"):
                self.assertIn(member, component, name)
        lock = self.sbom.lock()
        for library in self.sbom.LIBRARIES:
            component = self.components[library]
            self.assertTrue(re.match(lock[library]["series"], component["version"]))
            self.assertEqual(len(component["externalReferences"]), 2, "both tarballs")
            if component["version"] == lock[library]["tested"]:
                sums = [reference["hashes"][0]["content"] for reference in component["externalReferences"]]
                self.assertEqual(sums, [lock[library]["orig"], lock[library]["debian"]])

    def test_our_patches_are_in_it_with_their_reasons(self):
        listed = {patch["diff"]["url"] for component in self.bill["components"] for patch in component.get("pedigree", {}).get("patches", ())}
        ours = {path.relative_to(TOP).as_posix() for path in (TOP / "toolchains/deps").glob("*/patches/*.patch")}
        self.assertEqual(listed, ours)
        self.assertGreater(len(ours), 10)
        for component in self.bill["components"]:
            for patch in component.get("pedigree", {}).get("patches", ()):
                self.assertGreater(len(patch["resolves"][0]["description"]), 20, patch)

    def test_the_advisories_are_those_of_the_change_logs(self):
        known = self.sbom.advisories()
        self.assertEqual(list(known), list(self.sbom.LIBRARIES))
        for library, rows in known.items():
            tested = self.sbom.lock()[library]["tested"]
            if (self.sbom.CACHE / f"{library}_{tested}.debian.tar.xz").exists():  # not where sources were given by hand
                by_hand = [row for row in rows if row[1] in self.sbom.STATES]
                self.assertEqual([row for row in rows if row not in by_hand], self.sbom.fixed_in(library, tested))

    def test_each_weakness_has_its_state(self):
        found = {(weakness["affects"][0]["ref"], weakness["id"]): weakness["analysis"]["state"] for weakness in self.bill["vulnerabilities"]}
        wanted = {(library, row[0]) for library, rows in self.sbom.advisories().items() for row in rows}
        self.assertEqual({its for its in found if its[0] in self.sbom.LIBRARIES}, wanted)
        self.assertEqual(found["mbedtls", "CVE-2026-49300"], "resolved")
        for library in self.sbom.LIBRARIES:
            if self.components[library]["version"] == self.sbom.lock()[library]["tested"]:
                self.assertNotIn("in_triage", [state for (its, _), state in found.items() if its == library])

    def test_the_systems_packages_have_theirs_or_say_why_not(self):
        packages = [name for name in self.components if name not in self.sbom.LIBRARIES and not name.startswith("npm/")]
        self.assertIn("libc6", packages)
        for package in packages:
            component = self.components[package]
            found = {weakness["id"]: weakness["analysis"] for weakness in self.bill["vulnerabilities"] if weakness["affects"] == [{"ref": package}]}
            log = pathlib.Path("/usr/share/doc", package, "changelog.Debian.gz")
            self.assertEqual("no change log" in component["description"], not log.exists(), component)
            if not log.exists():
                self.assertEqual(found, {})
                continue
            upstream = component["version"].rpartition("-")[0]
            entries = re.split(r"(?m)^(?=\S)", gzip.decompress(log.read_bytes()).decode())
            ours = "".join(itertools.takewhile(lambda entry: f"({upstream}-" in entry.split("\n")[0], filter(None, entries)))
            self.assertEqual(set(found), set(re.findall(r"CVE-\d+-\d+", ours)), package)
            for analysis in found.values():
                self.assertEqual(analysis["state"], "resolved")
                self.assertTrue(analysis["detail"].endswith(f"which is in {component['version']}"), analysis)

    def test_a_system_without_change_logs_is_told(self):
        sbom = loaded()
        sbom.SYSTEM_DOC = pathlib.Path("/nowhere")
        components = sbom.system_components(SIM)
        self.assertTrue(all("no change log" in component["description"] for component in components), components)
        self.assertEqual(list(sbom.system_vulnerabilities(components)), [])

    def test_one_that_is_not_cured_is_not_called_so(self):
        folder = pathlib.Path(tempfile.mkdtemp())
        self.addCleanup(shutil.rmtree, folder)
        sbom = loaded()
        sbom.HERE = folder
        shutil.copytree(TOP / "toolchains/deps", folder / "deps")
        with open(folder / "deps/advisories", "a") as file:
            file.write("CVE-2099-00001 open the sender decides how much\nCVE-2099-00002 unaffected not built\n")
        for library in sbom.LIBRARIES:
            (folder / f"{library}.version").write_text(f"{library} {sbom.lock()[library]['tested']}\n")
        (folder / "mbedtls.version").unlink()  # from a directory that was given: nobody knows
        states = {weakness["id"]: weakness["analysis"]["state"] for weakness in sbom.vulnerabilities(folder)}
        self.assertEqual((states["CVE-2099-00001"], states["CVE-2099-00002"]), ("exploitable", "not_affected"))
        self.assertEqual((states["CVE-2026-49300"], states["CVE-2026-19773"]), ("in_triage", "resolved"))


if __name__ == "__main__":
    unittest.main()
