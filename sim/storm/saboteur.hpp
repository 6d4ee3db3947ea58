#pragma once

#include <algorithm>
#include <array>
#include <optional>
#include <string>
#include <utility>

#include "device/roster.hpp"
#include "session/door.hpp"

namespace signalbox::sim::storm {

/// A way to break a promise on purpose, to see that the storm notices.
enum class Sabotage : std::uint8_t {
  none,
  swallow,         ///< one answer never leaves
  swallow_http,    ///< nor does one by HTTP
  repeat,          ///< one answer leaves twice
  forget,          ///< the end of one connection is not told
  lose,            ///< telemetry goes missing
  delay,           ///< telemetry comes after an answer that it should have come before
  late_relay,      ///< a write reaches the relay long after its deadline
  deaf_relay,      ///< writes to the relay are told done, but nothing moves
  lying_store,     ///< records are told to be saved, but are not
  no_interlocks,   ///< the device does not know which outputs exclude each other
  no_leases,       ///< no output demands a lease any more
  half_scenes,     ///< the lamp is never told what a scene is to do with it
  no_override,     ///< the open door does not have the fan
  no_wired_stop,   ///< the stop button is an input like any other
  patient_stop,    ///< a stop button that was never read counts as not pressed
  no_least_times,  ///< outputs are switched as fast as anybody likes
  no_versions,     ///< the device does not hear which version a command is meant for
};

/// Whether it breaks one of the rules of guarded outputs.
constexpr bool is_of_rules(Sabotage sabotage) { return sabotage >= Sabotage::no_interlocks; }

/// Takes the sabotaged rule out of what was declared.
inline void omit(Sabotage sabotage, device::Roster& roster) {
  if (sabotage == Sabotage::patient_stop && roster.stop_input)
    roster.channels()[roster.stop_input->channel].stale_after = std::chrono::hours{1};
  if (sabotage == Sabotage::no_wired_stop) roster.stop_input.reset();
  for (device::Channel& channel : roster.channels()) {
    if (!channel.output) continue;
    if (sabotage == Sabotage::no_interlocks) channel.output->interlocks_count = 0;
    if (sabotage == Sabotage::no_override) channel.output->local_override.reset();
    if (sabotage == Sabotage::no_least_times)
      channel.output->on_at_least = channel.output->off_at_least = Duration{0};
    if (sabotage == Sabotage::no_leases && channel.output->lease) channel.output->lease->required = false;
  }
}

/// A door that passes everything on, but for its sabotage.
class Saboteur final : public session::Door {
 public:
  Saboteur(session::Door& door, Sabotage sabotage) : door_{door}, sabotage_{sabotage} {}

 private:
  static constexpr unsigned kAfter = 12;  ///< whole messages

  session::LifeCounts& do_life() override { return door_.life(); }
  Result<Handle> do_admit(const session::Arrival& arrival, Instant now) override {
    return door_.admit(arrival, now);
  }
  std::optional<Error> do_refusal(Handle session) override { return door_.refusal(session); }
  session::Health do_health(Instant now) override { return door_.health(now); }
  std::optional<WallTime> do_wall_time(Instant now) override { return door_.wall_time(now); }
  Result<void> do_stop(const session::Caller& caller, Instant now) override {
    return door_.stop(caller, now);
  }
  Result<std::string_view> do_thing(const session::Caller& caller, std::string_view socket_url,
                                    Instant now) override {
    return door_.thing(caller, socket_url, now);
  }
  Result<std::int64_t> do_log_in(const session::Caller& caller, Instant now) override {
    return door_.log_in(caller, now);
  }
  Result<void> do_claim(session::ConnectionId connection, const session::Caller& caller,
                        std::string_view body, Instant now) override {
    return door_.claim(connection, caller, body, now);
  }
  void do_opened(Handle session, Instant now) override { door_.opened(session, now); }
  session::Reading do_received(Handle session, std::string_view part, bool first, bool last,
                               Instant now) override {
    if (sabotage_ != Sabotage::no_versions) return door_.received(session, part, first, last, now);
    constexpr std::string_view kMember = "ifVersion";
    std::string heard{part};
    if (const std::size_t place = heard.find(kMember); place != std::string::npos)
      heard.replace(place, kMember.size(), "isVersion");
    return door_.received(session, heard, first, last, now);
  }
  void do_refuse(Handle session, std::uint16_t code, std::string_view why, Instant now) override {
    door_.refuse(session, code, why, now);
  }
  void do_dismiss(Handle session, std::string_view why, Instant now) override {
    door_.dismiss(session, why, now);
  }
  void do_dismiss_certified(std::string_view certificate, Instant now) override {
    door_.dismiss_certified(certificate, now);
  }
  session::Reading do_heard(Handle session, Instant now) override { return door_.heard(session, now); }
  session::Outgoing do_next(Handle session, std::span<char> into, Instant now) override;
  void do_closed(Handle session, Instant now) override {
    if (sabotage_ == Sabotage::forget && ++count_ == 2) return;
    if (kept_for_ == session) kept_size_ = 0;  // somebody else is next
    door_.closed(session, now);
  }

  session::Door& door_;
  Sabotage sabotage_;
  unsigned count_ = 0;
  std::array<char, 4096> kept_{};
  std::size_t kept_size_ = 0;
  Handle kept_for_{};
  bool is_due_ = false;
};

inline session::Outgoing Saboteur::do_next(Handle session, std::span<char> into, Instant now) {
  const auto keeps = [&] { return kept_size_ > 0 && kept_for_ == session; };
  if (is_due_ && keeps()) {
    std::copy_n(kept_.begin(), kept_size_, into.begin());
    return {.kind = session::Outgoing::Kind::text,
            .bytes = into.first(std::exchange(kept_size_, 0)),
            .more = true};
  }
  session::Outgoing outgoing = door_.next(session, into, now);
  const bool is_text = outgoing.kind == session::Outgoing::Kind::text;
  const bool whole = is_text && outgoing.first && outgoing.last;
  if (sabotage_ == Sabotage::none) return outgoing;
  const std::string_view text{outgoing.bytes.data(), outgoing.bytes.size()};
  const bool is_telemetry = whole && text.find(R"("type":"telemetry")") != std::string_view::npos;
  const bool is_final = whole && text.find("replyTo") != std::string_view::npos &&
                        text.find(R"("type":"progress")") == std::string_view::npos;
  const bool is_by_http = whole && text.starts_with(R"({"outcome":)");
  const bool swallows = (sabotage_ == Sabotage::swallow && is_final && ++count_ == kAfter) ||
                        (sabotage_ == Sabotage::swallow_http && is_by_http && ++count_ == 1);
  const bool loses = sabotage_ == Sabotage::lose && is_telemetry && ++count_ > 3;
  const bool delays = sabotage_ == Sabotage::delay && is_telemetry && kept_size_ == 0;
  const bool repeats = sabotage_ == Sabotage::repeat && is_final && ++count_ == kAfter;
  if (delays || repeats) {
    std::copy(text.begin(), text.end(), kept_.begin());
    kept_size_ = text.size();
    kept_for_ = session;
    is_due_ = repeats;
  }
  if (swallows || loses || delays) outgoing = door_.next(session, into, now);
  if (sabotage_ == Sabotage::delay && keeps() && outgoing.kind == session::Outgoing::Kind::text &&
      outgoing.last)
    is_due_ = true;  // something else has gone before it
  outgoing.more |= repeats || (is_due_ && keeps());
  return outgoing;
}

}  // namespace signalbox::sim::storm
