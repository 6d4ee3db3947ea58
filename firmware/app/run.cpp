#include "app/run.hpp"

#include <algorithm>
#include <array>
#include <cstdio>
#include <ctime>
#include <optional>

#include "app/banner.hpp"
#include "app/chosen_device_file.hpp"
#include "app/entrance.hpp"
#include "app/firmware_vitals.hpp"
#include "app/liveness.hpp"
#include "app/one_shot.hpp"
#include "app/refuse.hpp"
#include "app/report.hpp"
#include "app/server_identity.hpp"
#include "app/text_file.hpp"
#include "base/log.hpp"
#include "link/loop.hpp"
#include "link/signals.hpp"
#include "link/ws_server.hpp"
#include "memory/heap_trap.hpp"
#include "memory/library_heaps.hpp"
#include "protocol/dialect.hpp"
#include "trust/tokens.hpp"

namespace signalbox::app {
namespace {

/// When this program was built: a clock that is before that was never set.
constexpr std::int64_t kBuild_s = std::int64_t{SIGNALBOX_BUILD_DAY} * 86'400;

/// How long stopping may take before what is left is dropped.
constexpr Duration kStopWithin = from_ms(4000);

/// How long nobody has been connected when what served them leaves memory, as what only the start needed
/// does.
constexpr Duration kQuietAfter = from_ms(5000);

protocol::Limits limits_of(const Budget& budget, const Options& options) {
  return {.sessions = budget.sessions_max,
          .message_bytes = budget.message_bytes_max,
          .subscriptions = budget.subscriptions_per_session_max,
          .commands_in_flight = budget.commands_per_session_max,
          .history_samples = budget.history_per_channel_max,
          .authenticate_ms = options.authenticate_ms,
          .heartbeat_ms = options.heartbeat_ms,
          .dead_after_ms = options.dead_after_ms,
          .unread_after_ms = options.unread_after_ms,
          .requests_per_s = options.requests_per_s,
          .bytes_per_s = options.bytes_per_s,
          .failed_logins = options.failed_logins,
          .connections_per_address = options.connections_per_address};
}

/// One life of the firmware, from bring-up to the last goodbye.
class Run {
 public:
  explicit Run(const Firmware& firmware)
      : firmware_{firmware},
        heaps_{firmware.libraries.tls, firmware.libraries.lws},
        loop_{firmware.link.descriptors,
              {[](void* clock) { return static_cast<hal::Clock*>(clock)->now(); }, &firmware.clock}} {
    heaps_.install();
  }

  int operator()() {
    const Result<link::Site> site = site_of(firmware_.options, firmware_.host_name);
    if (!site) return refuse(site.error().field.c_str(), site.error().detail, 2);  // as a wrong option
    site_ = *site;
    if (const int code = open_trust(); code != 0) return code;
    std::array<std::byte, 8> random{};
    if (!firmware_.entropy.fill(random)) return refuse("entropy", "no good randomness can be had");
    FixedText<16> epoch;
    for (const std::byte byte : random)
      epoch = format_text<16>("%s%02x", epoch.c_str(), std::to_integer<unsigned>(byte));
    machine::Machine machine{firmware_.memory, firmware_.platform, tokens_,
                             limits_of(firmware_.budget, firmware_.options), epoch};
    const Result<void> kept = machine.keep_journal(firmware_.journal, firmware_.clock.wall());
    if (!kept) return refuse("journal", kept.error().detail);
    if (tokens_.is_claimed() && !tokens_.claim_code().empty())
      machine.journal().append(
          {.at_ms = firmware_.clock.wall().unix_ms, .kind = journal::Record::Kind::claim_reopened});
    if (const int code = start_device(machine); code != 0) return code;
    link::WsServer server{loop_, machine.door(), firmware_.link.connections, firmware_.link.networks};
    machine.connect(server.wire());
    const FirmwareVitals vitals{machine, server, heaps_};
    machine.connect(vitals);
    if (const int code = listen(server); code != 0) return code;
    if (const int code = give_up_rights(); code != 0) return code;
    show(server, machine);
    firmware_.supervisor.ready();
    serve(server, machine);
    bring_down(server, machine);
    print_report(stderr, machine, server, heaps_);
    return 0;
  }

 private:
  int open_trust();
  int read_issuers();
  int start_device(machine::Machine& machine);
  int listen(link::WsServer& server);
  int give_up_rights();
  void show(link::WsServer& server, machine::Machine& machine);
  void serve(link::WsServer& server, machine::Machine& machine);
  void bring_down(link::WsServer& server, machine::Machine& machine);
  void pass(link::WsServer& server, machine::Machine& machine);
  void rest(const link::WsServer& server, Instant now);

  const Firmware& firmware_;
  memory::LibraryHeaps heaps_;
  link::Loop loop_;
  link::Signals signals_{loop_};
  Liveness liveness_{firmware_.supervisor};
  trust::Tokens tokens_;
  ServerIdentity identity_{firmware_};
  link::Site site_;
  TextFile issuers_;
  ChosenDeviceFile device_file_{firmware_.options.device_file, firmware_.device_file};
  Instant rests_at_{};  ///< kNever where it does already
};

/// Whom we believe is no place for guessing.
int Run::read_issuers() {
  const Result<void> read = issuers_.read(firmware_.options.issuer);
  if (!read) return refuse("--issuer", read.error().detail);
  trust::Issuers issuers;
  constexpr const char* kEmpty = "the file is empty; expected a JSON Web Key Set: {\"keys\":[...]}";
  const Result<void> taken =
      issuers_.text().empty() ? Error{Reason::malformed, kEmpty} : issuers.read(issuers_.text());
  if (taken) return 0;
  return refuse("--issuer",
                format_text<319>("%s: %s%s%s", firmware_.options.issuer, taken.error().field.c_str(),
                                 taken.error().field.empty() ? "" : ": ", taken.error().detail.c_str()));
}

int Run::open_trust() {
  if (const int code = firmware_.options.issuer != nullptr ? read_issuers() : 0; code != 0) return code;
  const Result<void> tokens =
      tokens_.open(firmware_.store, firmware_.entropy, {.issuers = issuers_.text(), .earliest_s = kBuild_s});
  if (!tokens) return refuse("tokens", tokens.error().detail);
  const Result<void> code = tokens_.keep_claim_code(!firmware_.on_terminal);
  if (!code) return refuse("claim code", code.error().detail);
  const Result<void> identity = identity_.open();
  if (identity) return 0;
  const FixedText<31> field{identity.error().field};  // a store names none
  return refuse(field.empty() ? "identity" : field.c_str(), identity.error().detail);
}

int Run::start_device(machine::Machine& machine) {
  if (const int code = device_file_.declare(firmware_.catalogue, machine.roster()); code != 0) return code;
  if (const std::uint32_t every_s = firmware_.options.history_every_s; every_s > 0)
    machine.keep_history(firmware_.history, {std::chrono::seconds{every_s}, {kBuild_s * 1000}},
                         firmware_.clock.now());
  const Result<void> started = machine.start(firmware_.clock.now());
  return started ? 0 : refuse(device_file_.name(), started.error().detail);
}

int Run::listen(link::WsServer& server) {
  const Result<void> loop = loop_.open();
  if (!loop) return refuse("event loop", loop.error().detail);
  const Result<void> signals = signals_.open();
  if (!signals) return refuse("signals", signals.error().detail);
  link::WsServer::Options options;
  options.address = firmware_.options.address;
  options.port = static_cast<std::uint16_t>(firmware_.options.port);
  options.profile.dialects = protocol::dialect_names();
  options.profile.page = firmware_.page;
  identity_.describe(options);
  options.admission = admission_of(firmware_.options, firmware_.budget.spare_connections);
  options.handshake_ms = firmware_.options.handshake_ms;
  options.cut_record_bytes_max = firmware_.budget.cut_record_bytes;
  options.site = site_;
  const Result<void> opened = server.open(options);
  return opened ? 0 : refuse("cannot listen", opened.error().detail);
}

/// What needs rights has been done, and nobody has been heard yet.
int Run::give_up_rights() {
  std::array<const char*, kFilesMax> files{};
  const bool fenced = !firmware_.options.no_sandbox;
  const Result<hal::SandboxState> state = firmware_.enter_sandbox(
      {.state = firmware_.options.state, .files = files_named(firmware_.options, files), .fenced = fenced});
  if (!state) return refuse("sandbox", state.error().detail);
  log(Severity::info, "sandbox: %s", state->in_force.c_str());
  if (!state->lacking.empty()) log(Severity::warning, "sandbox: %s", state->lacking.c_str());
  if (!fenced)
    log(Severity::warning,
        "--no-sandbox is for debugging: system calls and files are open to whoever breaks in");
  return 0;
}

void Run::show(link::WsServer& server, machine::Machine& machine) {
  Banner{.roster = machine.roster(),
         .version = SIGNALBOX_VERSION,
         .address = firmware_.options.address,
         .port = server.port(),
         .claim_code = tokens_.claim_code(),
         .on_terminal = firmware_.on_terminal,
         .fingerprint = identity_.fingerprint(),
         .is_own_authority = identity_.is_own_authority(),
         .reached_at = identity_.reached_at(),
         .state = firmware_.options.state,
         .has_page = !firmware_.page.empty(),
         .watch = firmware_.watch}
      .print(stdout);
}

void Run::pass(link::WsServer& server, machine::Machine& machine) {
  Instant now = firmware_.clock.now();
  if (machine.has_work(now)) {
    machine.step(now, firmware_.clock.wall());
    now = firmware_.clock.now();
  }
  const Instant rests = server.connections().used > 0 || rests_at_ <= now ? kNever : rests_at_;
  loop_.wait(now, std::min({server.step(now), machine.next(), liveness_.turned(now), rests}));
}

/// Not with --no-sandbox: a debugger's breakpoints are in those pages.
void Run::rest(const link::WsServer& server, Instant now) {
  if (server.connections().used > 0 || rests_at_ == Instant{}) {
    rests_at_ = now + kQuietAfter;
  } else if (now >= rests_at_ && !firmware_.options.no_sandbox) {
    firmware_.give_back_program_pages();
    rests_at_ = kNever;
  }
}

void Run::serve(link::WsServer& server, machine::Machine& machine) {
  memory::HeapTrap::arm();
  while (!signals_.stop_asked()) {
    pass(server, machine);
    const Instant now = firmware_.clock.now();
    identity_.step(server, now);
    rest(server, now);
    const bool reloads = signals_.take_reload();
    if (reloads) {
      firmware_.supervisor.reloading(firmware_.clock.now());
      identity_.reload(server);
      machine.ask_reload();
    }
    if (machine.wants_device_file())
      machine.reload(device_file_.read(), firmware_.catalogue, firmware_.clock.now());
    if (reloads) firmware_.supervisor.ready();
    if (signals_.take_report()) print_report(stderr, machine, server, heaps_);
  }
}

void Run::bring_down(link::WsServer& server, machine::Machine& machine) {
  const Instant deadline = firmware_.clock.now() + kStopWithin;
  firmware_.supervisor.stopping();
  server.stop_accepting();
  machine.stop("the device is stopping", firmware_.clock.now());
  while (!machine.is_stopped() && firmware_.clock.now() < deadline) pass(server, machine);
  memory::HeapTrap::disarm();
  server.close();
}

}  // namespace

int run(const Firmware& firmware) {
  tzset();
  if (const std::optional<int> code = run_one_shot(firmware)) return *code;
  return Run{firmware}();
}

}  // namespace signalbox::app
