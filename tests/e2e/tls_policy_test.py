"""What a scanner finds in the device's TLS, held against RFC 9325: nothing to complain of."""
import os
import pathlib
import re
import subprocess
import unittest
import xml.etree.ElementTree

from device import HOST, DeviceTest

SUITES = {"TLSv1.3": {"TLS_AES_128_GCM_SHA256", "TLS_AES_256_GCM_SHA384", "TLS_CHACHA20_POLY1305_SHA256"},
          "TLSv1.2": {"ECDHE-ECDSA-AES128-GCM-SHA256", "ECDHE-ECDSA-AES256-GCM-SHA384", "ECDHE-ECDSA-CHACHA20-POLY1305"}}


def has_aes():
    """Whether this processor has instructions for AES-GCM, as the kernel says; mbedTLS uses none of 32-bit ARM."""
    if os.environ.get("SIGNALBOX_PROCESSOR") == "armv7l":
        return False
    flags = re.findall(r"^(?:flags|Features)\s*:(.*)$", pathlib.Path("/proc/cpuinfo").read_text(), re.MULTILINE)
    return bool(flags) and "aes" in flags[0].split() and {"pclmulqdq", "pmull"} & set(flags[0].split()) != set()


class Policy(DeviceTest):
    def s_client(self, *options, given=""):
        done = subprocess.run(["openssl", "s_client", "-connect", f"{HOST}:{self.device.port}", "-servername", "localhost", "-CAfile",
                               str(self.device.certificate), *options], input=given, capture_output=True, text=True, timeout=60)
        return done.stdout + done.stderr

    def test_a_scanner_finds_nothing(self):
        scanned = subprocess.run(["sslscan", "--xml=-", "--no-colour", "--show-certificate", f"{HOST}:{self.device.port}"],
                                 capture_output=True, text=True, timeout=120, check=True)
        found = xml.etree.ElementTree.fromstring(scanned.stdout).find("ssltest")
        self.assertEqual({(it.get("type"), it.get("version")) for it in found.iter("protocol") if it.get("enabled") == "1"},
                         {("tls", "1.2"), ("tls", "1.3")})
        suites = {version: {it.get("cipher") for it in found.iter("cipher") if it.get("sslversion") == version} for version in SUITES}
        self.assertEqual(suites, SUITES)
        self.assertEqual({it.get("sslversion") for it in found.iter("cipher")}, set(SUITES))
        first = "AES_128_GCM|AES128-GCM" if has_aes() else "CHACHA20"
        preferred = [it.get("cipher") for it in found.iter("cipher") if it.get("status") == "preferred"]
        self.assertEqual(len(preferred), 2)
        for suite in preferred:
            self.assertRegex(suite, first)
        self.assertEqual(found.find("renegotiation").get("supported"), "0")
        self.assertEqual({it.get("vulnerable") for it in found.iter("heartbleed")}, {"0"})
        self.assertIn(None if found.find("compression") is None else found.find("compression").get("supported"), (None, "0"))
        self.assertEqual({re.sub(r"^(\S+).*", r"\1", it.get("name")) for it in found.iter("group")}, {"secp256r1", "x25519"})
        certificate = found.find("certificates/certificate")
        self.assertIn("ecdsa-with-SHA256", certificate.find("signature-algorithm").text)
        self.assertIn("P-256", certificate.find("pk").text)

    def test_no_compression_and_no_renegotiation(self):
        told = self.s_client("-tls1_2")
        self.assertIn("Compression: NONE", told)
        self.assertIn("Verify return code: 0 (ok)", told)
        told = self.s_client("-tls1_2", "-legacy_renegotiation", given="R\n")
        self.assertIn("RENEGOTIATING", told)
        self.assertRegex(told, "no renegotiation|alert|error|closed")

    def test_the_chain_is_complete(self):
        """The authority's certificate stands in it: who knows its fingerprint needs nothing else."""
        for version in ("-tls1_2", "-tls1_3"):
            told = self.s_client(version, "-showcerts", "-verify_return_error", "-verify_hostname", "localhost")
            blocks = re.findall(r"-----BEGIN CERTIFICATE-----.*?-----END CERTIFICATE-----", told, re.DOTALL)
            self.assertEqual(len(blocks), 2)
            self.assertEqual("\n".join(blocks).split(), self.device.certificate.read_text().split())
            shown = subprocess.run(["openssl", "x509", "-noout", "-fingerprint", "-sha256"], input=blocks[1], capture_output=True,
                                   text=True, check=True).stdout
            self.assertIn(self.device.fingerprint, shown)

    def test_refusals_are_alerts(self):
        for options, words in ((("-tls1_1", "-cipher", "ALL:@SECLEVEL=0"), "protocol version"),
                               (("-tls1_2", "-cipher", "AES128-GCM-SHA256:@SECLEVEL=0"), "handshake failure"),
                               (("-tls1_2", "-cipher", "ECDHE-ECDSA-AES128-SHA"), "handshake failure"),
                               (("-tls1_3", "-groups", "P-521"), "handshake failure")):
            with self.subTest(options):
                self.assertIn("alert " + words, self.s_client(*options))


if __name__ == "__main__":
    unittest.main()
