"""A Wi-Fi network in the machine itself: the kernel's two simulated radios, of which Debian's hostapd has the second one, in a network
namespace of its own, bridged to the machine's cable. So what the card gets by radio comes from outside, and who comes from outside comes by radio."""
from card import FOREIGN, ORDERS, ROOT, run

MODULES = ("net/rfkill/rfkill", "lib/crypto/libarc4", "net/wireless/cfg80211", "net/mac80211/mac80211", "crypto/ccm", "crypto/ctr", "crypto/cmac",
           "net/llc/llc", "net/802/stp", "net/bridge/bridge", "net/core/failover", "drivers/net/net_failover", "drivers/net/virtio_net",
           "drivers/net/wireless/mac80211_hwsim")
# The card itself shall use neither cable nor second radio.
AIR = """#!/bin/sh
mkdir -p /run/links/eth0 /run/links/wlan1
for module in """ + " ".join(name.rsplit("/", 1)[1] for name in MODULES) + """; do [ ! -f /radio/$module.ko ] || insmod /radio/$module.ko; done
unshare -n sleep 100000 &
echo $! > /run/air
sleep 1
/radio/iw phy phy1 set netns $!
ip link set eth0 netns $!
nsenter -t $! -n sh -c 'brctl addbr air; brctl addif air eth0; ip link set eth0 up; ip link set air up'
"""
OPEN = "nsenter -t $(cat /run/air) -n /radio/hostapd -B -P /run/hostapd /radio/{}"
CLOSE = "kill $(cat /run/hostapd)"


def network(name, passphrase, keys="WPA-PSK", hidden=False):
    """hostapd's configuration."""
    return "\n".join(("interface=wlan1", "bridge=air", "driver=nl80211", f"ssid2={name.encode().hex()}", "hw_mode=g", "channel=1", "country_code=DE",
                      f"ignore_broadcast_ssid={int(hidden)}", "wpa=2", f"wpa_key_mgmt={keys}", "rsn_pairwise=CCMP", f"wpa_passphrase={passphrase}", f"ieee80211w={2 if keys == 'SAE' else 1}", "")).encode()


def first_with_air(card, networks):
    run(ROOT / "toolchains/foreign", "arm64", "hostapd", "iw")
    files = {"extra": ORDERS.encode(), "virtio_console.ko": card.module("drivers/char/virtio_console"), "etc/modprobe.d/air.conf": b"blacklist virtio_net\n",
             "radio/air": AIR.encode(), "radio/iw": (FOREIGN / "sbin/iw").read_bytes(), "radio/hostapd": (FOREIGN / "usr/sbin/hostapd").read_bytes()}
    for name in MODULES:
        files[f"radio/{name.rsplit('/', 1)[1]}.ko"] = card.module(name)
    for name, words in networks.items():
        files[f"radio/{name}"] = words
    return card.first_with(files)
