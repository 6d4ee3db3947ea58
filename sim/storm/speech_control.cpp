// Commands, scenes, and what has to do with who may move what.
#include <algorithm>
#include <array>

#include "sim/storm/bench.hpp"
#include "sim/storm/speech.hpp"

namespace signalbox::sim::storm {
namespace {

using Kind = Asked::Kind;
using Move = AskedCommand::Move;

}  // namespace

std::string Speech::fan_move(Move& move) {
  move.output = Output::fan;
  move.level = dice_.below(5) / 4.0;
  return R"("channel":"cabin/fan","action":"set","value":)" + std::to_string(move.level);
}

std::string Speech::heater_move(Move& move) {
  move.output = Output::heater;
  if (subject_.guarded && dice_.chance(0.15)) return R"("channel":"cabin/heater","action":"release")";
  move.toggles = dice_.chance(0.3);
  move.level = dice_.below(2);
  if (move.toggles) return R"("channel":"cabin/heater","action":"toggle")";
  return std::string{R"("channel":"cabin/heater","value":)"} + (move.level > 0.0 ? "true" : "false");
}

std::string Speech::lamp_move(Move& move) {
  move.output = Output::lamp;
  move.releases = dice_.chance(0.15);
  if (move.releases) return R"("channel":"cabin/lamp","action":"release")";
  move.toggles = dice_.chance(0.2);
  move.level = dice_.below(2);
  if (move.toggles) return R"("channel":"cabin/lamp","action":"toggle")";
  return std::string{R"("channel":"cabin/lamp","value":)"} + (move.level > 0.0 ? "true" : "false");
}

Speech::Message Speech::command(std::int64_t wall_ms) {
  Message message = begin(Kind::command, "command");
  Asked& asked = message.asked;
  Move& move = asked.command.moves.emplace_back();
  const int what = dice_.below(subject_.guarded ? 16 : 12);
  asked.payload = what < 3 ? fan_move(move) : what < 12 ? heater_move(move) : lamp_move(move);
  if (subject_.guarded) guard(asked);
  asked.payload += some_version(move);
  add_terms(asked, wall_ms);
  if (dice_.chance(0.15)) spoil(asked);
  return message;
}

Speech::Message Speech::scene(std::int64_t wall_ms) {
  Message message = begin(Kind::command, "scene");
  Asked& asked = message.asked;
  std::vector<Move>& moves = asked.command.moves;
  moves.reserve(3);
  asked.payload = R"("writes":[)";
  const auto add = [&](std::string (Speech::*some_move)(Move&)) {
    asked.payload += moves.empty() ? "{" : ",{";
    asked.payload += (this->*some_move)(moves.emplace_back());
    asked.payload += some_version(moves.back()) + '}';
  };
  const bool lights = subject_.guarded && dice_.chance(0.5);
  const bool heats = !lights || dice_.chance(0.5);
  if (heats) add(&Speech::heater_move);
  if (lights) add(&Speech::lamp_move);
  // What is not held by lease spoils a scene that takes one.
  const bool leases = subject_.guarded && dice_.chance(0.6);
  if (dice_.chance(leases ? 0.1 : 0.85)) add(&Speech::fan_move);
  asked.payload += ']';
  if (leases) add_lease(asked);
  add_terms(asked, wall_ms);
  return message;
}

/// At times: what the version is, was, or will be once what is under way was read back.
std::string Speech::some_version(Move& move) {
  if (!dice_.chance(0.15)) return {};
  const std::uint64_t version = subject_.values.of(bench::channel_of(move.output)).version;
  const int what = dice_.below(10);
  move.if_version = what < 5   ? version
                    : what < 8 ? version - std::min(version, 1 + dice_.below(std::uint64_t{3}))
                               : version + 1;
  return R"(,"ifVersion":)" + std::to_string(*move.if_version);
}

/// What stands beside the outputs: how far, until when, in which life, and under which name.
void Speech::add_terms(Asked& asked, std::int64_t wall_ms) {
  AskedCommand& command = asked.command;
  const int until = dice_.below(4);
  if (until < 3) {
    command.until = static_cast<device::Rung>(until);
    asked.payload += R"(,"until":")" + std::string{device::wire_name(command.until)} + '"';
  }
  add_times(asked, wall_ms);
  command.is_named = dice_.chance(subject_.guarded ? 0.3 : 0.15);
  if (command.is_named) asked.payload += R"(,"clientId":"storm")";
  if (!dice_.chance(command.is_named ? 0.8 : 0.4)) return;
  const bool foreign = dice_.chance(0.1);
  command.epoch = foreign ? std::string_view{"yesterday"} : subject_.epoch;
  if (foreign) asked.expected = "foreignEpoch";
  asked.payload += R"(,"epoch":")" + command.epoch + '"';
}

/// In guarded lives: leases and pulses.
void Speech::guard(Asked& asked) {
  Move& move = asked.command.moves.front();
  if (move.output == Output::lamp && dice_.chance(0.3)) add_lease(asked);
  if (move.output != Output::heater) return;
  if (dice_.chance(0.15)) {
    move = {.output = Output::heater, .level = 1.0};
    asked.payload =
        R"("channel":"cabin/heater","action":"pulse","pulseMs":)" + std::to_string(20 + dice_.below(400));
  }
  if (dice_.chance(0.85)) add_lease(asked);
}

void Speech::add_lease(Asked& asked) {
  asked.command.lease_ms = 50 + dice_.below(700);
  asked.payload +=
      (asked.payload.empty() ? R"("leaseMs":)" : R"(,"leaseMs":)") + std::to_string(*asked.command.lease_ms);
}

Speech::Message Speech::safety() {
  Message message = begin(Kind::safety, "renew");
  Asked& asked = message.asked;
  const int what = dice_.below(10);
  if (what < 3) {
    asked.type = what == 0 ? "stop" : "reset";
  } else if (what < 6) {
    constexpr std::array<std::string_view, 4> kActions{"take", "request", "grant", "steal"};
    asked.type = "baton";
    asked.action = one_of(kActions);
    asked.payload = R"("group":"air","action":")" + asked.action + '"';
  } else {
    asked.payload = R"("channel":"cabin/heater")";
    add_lease(asked);
  }
  return message;
}

void Speech::add_times(Asked& asked, std::int64_t wall_ms) {
  AskedCommand& command = asked.command;
  if (dice_.chance(0.6)) {
    // Mostly odd numbers, so that a write can be told by its deadline; some so short that a late step misses
    // it.
    command.deadline_ms = dice_.chance(0.25) ? 1 + dice_.below(20) : 100 + dice_.below(900);
    asked.payload += R"(,"deadlineMs":)" + std::to_string(*command.deadline_ms);
  }
  if (dice_.chance(0.2)) {
    command.not_after_ms = wall_ms + dice_.below(700) - 100;
    asked.payload += R"(,"notAfter":)" + std::to_string(*command.not_after_ms);
  }
}

void Speech::spoil(Asked& asked) {
  struct Spoilt {
    std::string_view payload;
    std::string_view reason;
  };
  constexpr std::array<Spoilt, 6> kSpoilt{{
      {R"("channel":"cabin/fan","value":1.5)", "outOfRange"},
      {R"("channel":"cabin/heater","value":"on")", "malformed"},
      {R"("channel":"cabin/door","value":true)", "forbidden"},
      {R"("channel":"attic/heater","value":true)", "notFound"},
      {R"("channel":"cabin/fan","action":"toggle")", "malformed"},
      {R"("channel":"cabin/heater","value":true,"deadlineMs":0)", "outOfRange"},
  }};
  const Spoilt& spoilt = one_of(kSpoilt);
  asked.payload = spoilt.payload;
  asked.expected = spoilt.reason;
  asked.command.is_named = false;
  asked.command.epoch.clear();
}

}  // namespace signalbox::sim::storm
