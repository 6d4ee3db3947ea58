"""A certificate authority as an operator may have one: openssl makes what a test asks for, right and wrong."""
import datetime
import pathlib
import shutil
import subprocess
import tempfile

CONFIG = """[ca]
default_ca = it
[it]
database = {place}/index
new_certs_dir = {place}
rand_serial = yes
unique_subject = no
default_md = sha256
policy = any
copy_extensions = copy
[any]
commonName = supplied
organizationalUnitName = optional
"""
NOW = datetime.datetime.now(datetime.timezone.utc)


def day(days):
    """A moment so many days from now, as openssl wants it."""
    return (NOW + datetime.timedelta(days=days)).strftime("%Y%m%d%H%M%SZ")


class Authority:
    """Its files end with the test: `authority[name]` is a certificate's path, `.key(name)` its key's."""

    def __init__(self, test, name="authority"):
        self.name = name
        self.place = pathlib.Path(tempfile.mkdtemp(prefix="signalbox-"))
        test.addCleanup(shutil.rmtree, self.place)
        (self.place / "index").touch()
        (self.place / "config").write_text(CONFIG.format(place=self.place))
        self._request("ca", f"/CN={name}", "-x509", "-days", "30", "-addext", "basicConstraints=critical,CA:true",
                      "-addext", "keyUsage=critical,keyCertSign,cRLSign")

    def __getitem__(self, name):
        return self.place / f"{name}.pem"

    def key(self, name):
        return self.place / f"{name}.key"

    def _openssl(self, *arguments):
        subprocess.run(["openssl", *map(str, arguments)], check=True, capture_output=True)

    def _request(self, name, subject, *more):
        self._openssl("req", "-new", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-keyout", self.key(name),
                      "-out", self[name], "-subj", subject, *more)

    def _ca(self, *arguments):
        self._openssl("ca", "-config", self.place / "config", "-cert", self["ca"], "-keyfile", self.key("ca"), "-batch", *arguments)

    def issue(self, name, subject, *, use="clientAuth", begins=-1, ends=30):
        """Days are from today."""
        self._request(name, subject, "-addext", f"extendedKeyUsage={use}", "-addext", "basicConstraints=critical,CA:false",
                      "-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1")
        self._ca("-in", self[name], "-out", self[name], "-notext", "-startdate", day(begins), "-enddate", day(ends))
        return self

    def self_signed(self, name, subject):
        self._request(name, subject, "-x509", "-days", "30")
        return self

    def revoke(self, *names, days=30):
        """The list of what was revoked so far and these."""
        for name in names:
            self._ca("-revoke", self[name])
        self._ca("-gencrl", "-crl_lastupdate", day(-9), "-crl_nextupdate", day(days), "-out", self["crl"])
        return self["crl"]
