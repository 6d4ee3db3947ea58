"""Idle connections must cost a busy one nothing: what the device executes for a message beside 250 of them, and how often it calls
the kernel, against what it does for one alone. A loop that looks at each of them in a few instructions is seen."""
import sys

from instructions import Cost, Counted, echoes
from client import Client

IDLE = 250
AT_ONCE = 10
RATIO_MAX = 1.15
# What the machine does by itself, at its own times: an echo takes no step of it.
STEPS_ASIDE = ("--toggle-collect=signalbox::machine::Machine::step(*", "--collect-atstart=yes")


def main():
    with Counted(*STEPS_ASIDE) as counted:
        context = counted.device.trust()
        with Client(counted.device, context=context) as busy:
            work = lambda: echoes(busy, 64, AT_ONCE)  # noqa: E731
            counted.counts(True)
            work()
            alone = counted.least(work, AT_ONCE, rounds=20)
            counted.counts(False)
            idle = [Client(counted.device, context=context) for _ in range(IDLE)]
            counted.counts(True)
            most = Cost(*(RATIO_MAX * each for each in alone))
            beside = counted.least(work, AT_ONCE, rounds=100, enough=most)
            counted.counts(False)
            for client in (busy, *idle):
                client.close()
    for name, its, one, may_be in zip(Cost._fields, beside, alone, most):
        print(f"{name.replace('_', ' ')} for an echo: alone {one:,.1f}, beside {IDLE} idle connections {its:,.1f} "
              f"(at most {may_be:,.1f}: {'ok' if its <= may_be else 'TOO MUCH'})")
    return int(any(its > may_be for its, may_be in zip(beside, most)))


if __name__ == "__main__":
    sys.exit(main())
