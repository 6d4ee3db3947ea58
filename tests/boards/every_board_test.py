"""What holds for every board: its folder is whole, its program is as large as its README says, and its own device file works, here
too, where none of its lines and buses is there."""
import json
import os
import pathlib
import re
import subprocess
import sys
import unittest

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "e2e"))
import device as simulator  # noqa: E402
from client import Client  # noqa: E402
from device import HOST, SANITIZED, Board, eventually  # noqa: E402

BOARDS = HERE.parents[1] / "boards"
PROGRAMS = pathlib.Path(os.environ["SIGNALBOX_BOARDS"])
FOLDERS = sorted(path.parent for path in BOARDS.glob("*/board.cmake"))
# The bench has no program of its own: the simulator is it.
WITH_PROGRAM = [folder for folder in FOLDERS if "signalbox_add_board" in (folder / "board.cmake").read_text()
                and (not SANITIZED or folder.name == "qemu-virt64")]  # as boards/CMakeLists.txt has it


def parts(folder):
    return json.loads((folder / "device.json").read_text())["parts"]


def paths(part):
    return [channel["path"] for channel in part["channels"].values()]


class EveryBoard(unittest.TestCase):
    def each(self, folders, check):
        self.assertTrue(folders)
        for folder in folders:
            with self.subTest(folder.name):
                check(folder)

    def test_its_folder_is_whole(self):
        self.each(sorted(path for path in BOARDS.iterdir() if path.is_dir()), lambda folder: self.assertEqual(
            {path.name for path in folder.iterdir()} - {"card"}, {"README.md", "board.cmake", "budget.hpp", "device.json"}))

    def test_the_list_of_boards_names_it(self):
        told = (BOARDS / "README.md").read_text()
        self.each(FOLDERS, lambda folder: self.assertIn(f"[`{folder.name}`]({folder.name}/README.md)", told))

    def test_its_memory_is_what_it_says(self):
        self.each(WITH_PROGRAM, self.is_as_large_as_it_says)

    def is_as_large_as_it_says(self, folder):
        most = int(re.search(r"at most (\d+) MB", (folder / "README.md").read_text()).group(1))
        ledger = subprocess.run([PROGRAMS / f"signalbox-{folder.name}", "--budget"], text=True, capture_output=True, check=True).stdout
        total = int(re.search(r"\*\*all\*\* \|[^|]*\| \*\*(\d+)\*\*", ledger).group(1))
        print(f"{folder.name}: {total / 1e6:.1f} MB", flush=True)
        self.assertLessEqual(total, most * 1_000_000)
        self.assertGreater(total, most * 800_000, "its README says far too much")

    def test_its_own_device_file_works(self):
        self.each(WITH_PROGRAM, self.starts)

    def starts(self, folder):
        buses = {part["bus"] for part in parts(folder) if "bus" in part}
        if any(pathlib.Path(f"/dev/i2c-{bus}").exists() for bus in buses):
            self.skipTest("what hangs on this machine's bus is somebody's, and not to be written to")
        simulator.SIM = str(PROGRAMS / f"signalbox-{folder.name}")
        with Board() as board, Client(board) as client:
            self.assertEqual(self.health(board), b"200")
            for part in parts(folder):
                for path in paths(part):
                    if "line" in part:
                        self.assertTrue(board.wait_for_log(f"line {re.escape(part['line'])}: "), board.told())
                    # A virtual machine has no thermal zone.
                    wanted = ("fault",) if "line" in part or "bus" in part else ("good", "fault") if part["kind"] == "thermalZone" else ("good",)
                    self.assertTrue(eventually(lambda: client.channel(path)["quality"] in wanted, 15), f"{path}: {client.channel(path)}")
            client.close()

    @staticmethod
    def health(board):
        with simulator.socket.create_connection((HOST, board.port), 20) as raw:
            with board.trust().wrap_socket(raw, server_hostname="localhost") as stream:
                stream.sendall(b"GET /healthz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
                return stream.recv(4096).split()[1]


if __name__ == "__main__":
    unittest.main()
