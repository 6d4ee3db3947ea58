"""The page for browsers, as it goes over the wire: compressed, remembered, in pieces, and under a strict policy."""
import gzip
import hashlib
import re
import time
import unittest

from device import PATIENCE, DeviceTest, eventually
from ws import http, read_head, tls

ON_THE_WIRE_MAX = 100_000


class Page(DeviceTest):
    def get(self, path, *headers, method="GET"):
        return http(self.device, "\r\n".join([f"{method} {path} HTTP/1.1", f"Host: localhost:{self.device.port}", *headers, "", ""]))

    def unpacked(self, path):
        answer = self.get(path, "Accept-Encoding: gzip, deflate, br")
        self.assertEqual((answer.status, answer.headers["content-encoding"]), (200, "gzip"))
        self.assertEqual(len(answer.bytes), int(answer.headers["content-length"]))
        return answer, gzip.decompress(answer.bytes).decode()

    def files(self):
        """What the page names."""
        return re.findall(r'(?:src|href)="(/assets/[^"]+)"', self.unpacked("/")[1])

    def test_it_is_there_and_small(self):
        answer, page = self.unpacked("/")
        self.assertEqual(answer.headers["content-type"], "text/html; charset=utf-8")
        self.assertIn("<title>Signalbox</title>", page)
        kinds = {name.rpartition(".")[2] for name in self.files()}
        self.assertEqual(kinds, {"js", "css", "svg"})
        self.assertLess(len(answer.bytes) + sum(len(self.unpacked(name)[0].bytes) for name in self.files()), ON_THE_WIRE_MAX)

    def test_nothing_is_inline_and_nothing_comes_from_elsewhere(self):
        answer, page = self.unpacked("/")
        self.assertNotRegex(page, r"<script>|<style|style=|\son\w+=|//[a-z]+\.")
        for name in ["/", *self.files()]:
            headers = self.unpacked(name)[0].headers
            policy = dict(rule.strip().partition(" ")[::2] for rule in headers["content-security-policy"].split(";"))
            self.assertEqual((policy["default-src"], policy["script-src"], policy["frame-ancestors"]), ("'none'", "'self'", "'none'"))
            self.assertFalse([rule for rule in policy.values() if "unsafe" in rule or "*" in rule or "http" in rule], policy)
            self.assertEqual(headers["x-content-type-options"], "nosniff")
            self.assertEqual(headers["vary"], "Accept-Encoding")

    def test_names_with_a_hash_last_and_the_page_is_asked_for_anew(self):
        for name in self.files():
            self.assertEqual(self.unpacked(name)[0].headers["cache-control"], "public, max-age=31536000, immutable")
        answer, _ = self.unpacked("/")
        self.assertEqual(answer.headers["cache-control"], "no-cache")
        again = self.get("/", "Accept-Encoding: gzip", f"If-None-Match: {answer.headers['etag']}")
        self.assertEqual((again.status, again.bytes, again.headers["etag"]), (304, b"", answer.headers["etag"]))
        self.assertEqual(self.get("/", "Accept-Encoding: gzip", 'If-None-Match: "another"').bytes, answer.bytes)

    def test_head_tells_as_much(self):
        for name in ["/", *self.files()]:
            got, told = self.get(name, "Accept-Encoding: gzip"), self.get(name, "Accept-Encoding: gzip", method="HEAD")
            self.assertEqual((told.status, told.headers, told.bytes), (got.status, got.headers, b""))

    def test_who_does_not_unpack_is_told(self):
        plain = self.get("/")
        self.assertEqual(plain.headers["content-type"], "text/plain; charset=utf-8")
        self.assertIn("Accept-Encoding: gzip", plain.body)
        for headers in ((), ("Accept-Encoding: br",), ("Accept-Encoding: gzip;q=0",)):
            answer = self.get(self.files()[0], *headers)
            self.assertEqual(answer.status, 406)
            self.assertIn("--compressed", answer.body)

    def test_another_method_or_name(self):
        name = self.files()[0]
        self.assertEqual(self.get(name, method="POST").status, 405)
        for wrong in (name + "x", "/assets/", "/index.html"):
            self.assertEqual(self.get(wrong, "Accept-Encoding: gzip").status, 404, wrong)
        self.assertEqual(self.get("/", "Accept-Encoding: gzip", "Connection: Upgrade", "Upgrade: websocket").headers["content-type"],
                         "text/plain; charset=utf-8")

    def biggest(self):
        return max(self.files(), key=lambda name: len(self.unpacked(name)[0].bytes))

    def asked(self, name):
        stream = tls(self.device, receive_buffer=4096)
        self.addCleanup(stream.close)
        stream.sendall(f"GET {name} HTTP/1.1\r\nHost: localhost:{self.device.port}\r\nAccept-Encoding: gzip\r\n\r\n".encode())
        return stream

    def test_who_reads_slowly_gets_all_of_it(self):
        name = self.biggest()
        whole = self.unpacked(name)[0].bytes
        stream = self.asked(name)
        _, body = read_head(stream)
        while more := stream.recv(1500):
            body += more
            time.sleep(0.01)
        self.assertEqual(hashlib.sha256(body).digest(), hashlib.sha256(whole).digest())

    def test_who_does_not_read_costs_no_copy_of_it_and_goes(self):
        name, readers = self.biggest(), 30
        size = len(self.unpacked(name)[0].bytes)
        def connected():
            life = self.device.report().life
            return life["arrived"] - sum(count for step, count in life.items() if step.endswith("-closed"))
        self.assertTrue(eventually(lambda: connected() == 0))
        before = self.device.report().used("libwebsockets-bytes")
        streams = [self.asked(name) for _ in range(readers)]
        self.assertTrue(eventually(lambda: connected() == readers))
        time.sleep(0.5)
        each = (self.device.report().used("libwebsockets-bytes") - before) / readers
        self.assertLess(each, size / 2, f"{size} bytes are not to lie in libwebsockets' region")
        self.assertTrue(eventually(lambda: connected() == 0, 15), "handshake-ms is 10 s")
        for stream in streams:
            stream.settimeout(5 * PATIENCE)
            try:
                while stream.recv(65536):
                    pass
            except OSError:
                pass  # a reset


if __name__ == "__main__":
    unittest.main()
