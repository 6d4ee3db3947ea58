#pragma once

#include <array>
#include <cstdint>
#include <string_view>

#include "base/fixed_text.hpp"
#include "base/path_pattern.hpp"

namespace signalbox::journal {

/// What happened to the device, as it is remembered. Texts that do not apply are empty.
struct Record {
  enum class Kind : std::uint8_t {
    actuation,  ///< an output was moved, or was not: then `outcome` says why
    started,    ///< a run: `epoch`, and the firmware's version in `detail`
    ended,      ///< a run, in order; where it is missing, the run was cut off
    stop,       ///< the device, until `reset`
    reset,
    acknowledgement,  ///< of an alarm of `channel`; its name in `detail`
    reloaded,         ///< the device file
    claimed,          ///< `who` showed the claim code and is the administrator now
    claim_reopened,   ///< by somebody at the device: it may be claimed once more
    token_issued,     ///< to whom and for what in `detail`
    token_revoked,    ///< or a key; its id in `detail`
    logins_slowed,    ///< wrong tokens, the last from `peer`; of an account its name in `detail`
    factory_reset,    ///< who the device is and who may come in was forgotten
    gap,              ///< records are missing: `lost`, or unknown how many
  };
  static constexpr std::size_t kKinds = 14;
  static constexpr std::string_view kApplied = "applied";

  std::uint64_t sequence = 0;  ///< counts from 1, across restarts
  std::int64_t at_ms = 0;      ///< Unix time; a label
  Kind kind = Kind::actuation;
  std::uint32_t latency_ms = 0;  ///< actuations: from the request to the outcome
  std::uint64_t lost = 0;        ///< gaps: how many records; 0: unknown
  FixedText<16> epoch{};
  FixedText<kPathBytesMax> channel{};
  FixedText<15> cause{};  ///< why it was to move: command, leaseEnded, interlock …
  FixedText<31> who{};    ///< principal; empty where the device acted by itself
  FixedText<23> session{};
  FixedText<45> peer{};  ///< address
  FixedText<36> trace_id{};
  FixedText<31> before{};  ///< the output's value, as text
  FixedText<31> after{};
  FixedText<15> outcome{};     ///< actuations: kApplied, or the reason why not
  FixedText<95> detail{};      ///< for people
  bool while_stopped = false;  ///< the device was stopped, and not reset since

  /// An actuation that did not happen.
  bool is_dead_letter() const { return kind == Kind::actuation && outcome.view() != kApplied; }
};

constexpr std::string_view wire_name(Record::Kind kind) {
  constexpr std::array<std::string_view, Record::kKinds> kNames{
      "actuation",    "started", "ended",         "stop",        "reset",        "acknowledgement",
      "reloaded",     "claimed", "claimReopened", "tokenIssued", "tokenRevoked", "loginsSlowed",
      "factoryReset", "gap"};
  return kNames[static_cast<std::size_t>(kind)];
}

/// Calls `member(name, value)` for each member that is written down, in the order in which it is: for the
/// file and for the wire. Values are texts and whole numbers; `sequence` is always the first, `kind` the
/// second.
template <typename Member>
void each_member(const Record& record, Member&& member) {
  const auto text = [&member](std::string_view name, std::string_view value) {
    if (!value.empty()) member(name, value);
  };
  member("sequence", record.sequence);
  member("kind", wire_name(record.kind));
  if (record.lost > 0) member("lost", record.lost);
  member("at", record.at_ms);
  text("epoch", record.epoch);
  text("channel", record.channel);
  text("cause", record.cause);
  text("who", record.who);
  text("session", record.session);
  text("peer", record.peer);
  text("traceId", record.trace_id);
  text("before", record.before);
  text("after", record.after);
  text("outcome", record.outcome);
  if (record.kind == Record::Kind::actuation)
    member("latencyMs", static_cast<std::uint64_t>(record.latency_ms));
  text("detail", record.detail);
  if (record.while_stopped) member("stop", std::string_view{"latched"});
}

}  // namespace signalbox::journal
