#include "app/one_shot.hpp"

#include <array>
#include <cstdio>
#include <string_view>

#include "app/chosen_device_file.hpp"
#include "app/doctor.hpp"
#include "app/first_device_file.hpp"
#include "app/refuse.hpp"
#include "app/verify_journal.hpp"
#include "base/log.hpp"
#include "device/device_file.hpp"
#include "journal/journal.hpp"
#include "link/loop.hpp"
#include "machine/ledger.hpp"

namespace signalbox::app {
namespace {

/// What makes it this device and no other: who it is, who may come in, and what it measured for them.
constexpr std::array<std::string_view, 9> kPersonalRecords{"tokens",  "reopen-claim", "claim-code",
                                                           "key",     "certificate",  "authority",
                                                           "tickets", "history",      "history.1"};

/// How often the journal is looked at where nothing else is to be waited for.
constexpr Duration kLookPeriod = from_ms(5);

void print_budget(const Firmware& firmware) {
  const LinkMemory& link = firmware.link;
  const std::array rows{
      machine::LedgerRow{"link", "connections", link.connections.size(), link.connections.size_bytes(),
                         "sessions, and those shaking hands or being refused"},
      machine::LedgerRow{"link", "descriptors", link.descriptors.size(), link.descriptors.size_bytes(),
                         "the event loop's knowledge of each"},
      machine::LedgerRow{"link", "networks", link.networks.size(), link.networks.size_bytes(),
                         "how many connections each has, and how often it came"},
  };
  machine::Ledger{firmware.memory, rows, firmware.libraries}.print(stdout);
}

/// Says what the machine offers, and what of it the device file wants.
int examine_machine(const Firmware& firmware) {
  device::Roster roster{firmware.memory.channels, firmware.memory.parts};
  ChosenDeviceFile device_file{firmware.options.device_file, firmware.device_file};
  if (const int code = device_file.declare(firmware.catalogue, roster); code != 0) return code;
  return examine(roster, firmware.survey, firmware.platform.ports().host, stdout);
}

/// Writes a device file of what the machine has.
int write_first_device_file(const Firmware& firmware) {
  std::printf("This machine has\n");
  FirstDeviceFile first{firmware.budget, firmware.catalogue, stdout};
  firmware.survey.find(first);
  const std::string_view text = first.finish();
  // It loads: what is written here is what a start would read.
  device::Roster roster{firmware.memory.channels, firmware.memory.parts};
  const std::optional<device::Mistake> mistake = device::read_device_file(text, firmware.catalogue, roster);
  if (mistake) return refuse("--init", mistake->text());
  const Result<void> written = FirstDeviceFile::write(firmware.options.init, text);
  if (!written) return refuse("--init", written.error().detail);
  std::printf("%s has %zu parts, and no output\n", firmware.options.init, first.parts());
  return 0;
}

Result<void> note_factory_reset(const Firmware& firmware) {
  hal::Clock& clock = firmware.clock;
  link::Loop loop{firmware.link.descriptors,
                  {[](void* its) { return static_cast<hal::Clock*>(its)->now(); }, &clock}};
  const Result<void> looped = loop.open();
  if (!looped) return looped;
  journal::Journal journal{firmware.memory.journal};
  const WallTime wall = clock.wall();
  const Result<void> opened = journal.open(firmware.journal, {{}, SIGNALBOX_VERSION, wall});
  if (!opened) return opened;
  journal.append({.at_ms = wall.unix_ms, .kind = journal::Record::Kind::factory_reset});
  journal.close(clock.now(), wall);
  for (Instant now = clock.now(); !journal.is_settled(now); now = clock.now()) {
    journal.step(now);
    loop.wait(now, now + kLookPeriod);
  }
  if (journal.committed() < journal.newest()) return Error{Reason::failed, "it was not written in time"};
  return {};
}

/// Forgets who the device is and who may come in. Whoever starts it afterwards has another device, which
/// nobody has claimed. The journal stays, and says so; where it cannot be written, all is forgotten anyway.
int reset_to_factory(const Firmware& firmware) {
  const Result<void> noted = note_factory_reset(firmware);
  if (!noted)
    log(Severity::warning, "the journal does not say that it was reset: %s", noted.error().detail.c_str());
  for (const std::string_view record : kPersonalRecords) {
    const Result<void> removed = firmware.store.remove(record);
    if (!removed && removed.error().reason != Reason::not_found)
      return refuse("--factory-reset", removed.error().detail);
    if (removed) std::printf("removed: %.*s\n", length(record), record.data());
  }
  return 0;
}

}  // namespace

std::optional<int> run_one_shot(const Firmware& firmware) {
  const Options& options = firmware.options;
  if (options.show_help) {
    print_help(stdout, "signalbox");
    return 0;
  }
  if (!options.verify_journal.empty()) return verify_journal(options.verify_journal, stdout, stderr);
  if (options.show_version) {
    std::printf("signalbox %s\n", SIGNALBOX_VERSION);
    return 0;
  }
  if (options.show_budget) {
    print_budget(firmware);
    return 0;
  }
  if (options.examine) return examine_machine(firmware);
  if (options.init != nullptr) return write_first_device_file(firmware);
  if (options.factory_reset) return reset_to_factory(firmware);
  return std::nullopt;
}

}  // namespace signalbox::app
