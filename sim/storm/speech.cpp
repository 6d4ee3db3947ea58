#include "sim/storm/speech.hpp"

#include <array>

#include "sim/storm/bench.hpp"

namespace signalbox::sim::storm {
namespace {

constexpr std::array<std::string_view, 10> kPatterns{
    "cabin/#",           "#",      "cabin/heater", "+/uptime", "cabin/+", "tank/level",
    "cabin/heaterSense", "host/#", "cabin/door",   "cabin/fan"};
constexpr std::array<std::string_view, 3> kSubscriptions{"a", "b", "long-subscription-name-of-31-byt"};
constexpr std::array<std::string_view, 6> kEchoes{"",
                                                  "x",
                                                  "quote \\\" and \\\\",
                                                  "line\\nline\\u0001",
                                                  "größe ☃",
                                                  "0123456789012345678901234567890123456789"};
constexpr std::array<std::string_view, 6> kEchoesRead{
    "", "x", "quote \" and \\", "line\nline\x01", "größe ☃", "0123456789012345678901234567890123456789"};

std::string digits(std::int64_t number) { return std::to_string(number); }

}  // namespace

Speech::Message Speech::begin(Asked::Kind kind, std::string_view type) {
  Message message;
  message.asked.kind = kind;
  ++said_;
  message.text = R"({"type":")";
  message.text += type;
  message.text += '"';
  const bool needs_id = kind != Asked::Kind::ping && kind != Asked::Kind::junk;
  if (needs_id || !dice_.chance(0.1)) {
    message.asked.id = "c" + std::to_string(client_) + "-" + std::to_string(said_);
    message.text += R"(,"msgId":")" + message.asked.id + '"';
  }
  if (dice_.chance(0.2)) message.text += R"(,"traceId":"trace\u0009","timestamp":1763683200123)";
  return message;
}

Speech::Message Speech::authenticate(bool right) {
  Message message = begin(Asked::Kind::authenticate, "authenticate");
  if (!right) message.asked.expected = "unauthenticated";
  std::string token{subject_.token};
  if (!right) token.back() = token.back() == 'A' ? 'B' : 'A';
  message.text += R"(,"payload":{"token":")" + token + "\"}}";
  return message;
}

Speech::Message Speech::ping() {
  Message message = begin(Asked::Kind::ping, "ping");
  const std::size_t which = dice_.below(kEchoes.size());
  message.asked.data = kEchoesRead[which];
  if (which > 0) message.text += R"(,"payload":{"data":")" + std::string{kEchoes[which]} + "\"}";
  message.text += '}';
  return message;
}

Speech::Message Speech::describe() {
  Message message = begin(Asked::Kind::describe, "describe");
  if (dice_.chance(0.5)) {
    message.text += "}";
    message.asked.channels = subject_.roster.matching("#");
    return message;
  }
  const std::string pattern{one_of(kPatterns)};
  message.asked.channels = subject_.roster.matching(pattern);
  message.text += R"(,"payload":{"path":")" + pattern + "\"}}";
  return message;
}

Speech::Message Speech::subscribe() {
  Message message = begin(Asked::Kind::subscribe, "subscribe");
  Asked& asked = message.asked;
  asked.subscription = one_of(kSubscriptions);
  if (asked.subscription.size() > 31) asked.subscription.resize(31);
  message.text += R"(,"payload":{"id":")" + asked.subscription + R"(","paths":[)";
  const std::size_t count = 1 + dice_.below(3);
  for (std::size_t i = 0; i < count; ++i) {
    const std::string pattern{one_of(kPatterns)};
    asked.channels |= subject_.roster.matching(pattern);
    message.text += (i > 0 ? ",\"" : "\"") + pattern + '"';
  }
  message.text += ']';
  if (dice_.chance(0.25)) {
    asked.policy.mode = RatePolicy::Mode::fixed;
    constexpr std::array<std::int64_t, 3> kPeriods_ms{50, 120, 400};
    const std::int64_t period_ms = one_of(kPeriods_ms);
    asked.policy.period = from_ms(period_ms);
    message.text += R"(,"mode":"fixed","periodMs":)" + digits(period_ms);
  } else if (dice_.chance(0.8)) {
    constexpr std::array<std::int64_t, 4> kPeriods_ms{0, 20, 100, 500};
    const std::int64_t period_ms = one_of(kPeriods_ms);
    asked.policy.min_period = from_ms(period_ms);
    asked.policy.deadband = dice_.chance(0.3) ? 0.25 : 0.0;
    message.text += R"(,"minPeriodMs":)" + digits(period_ms);
    if (asked.policy.deadband > 0.0) message.text += R"(,"deadband":0.25)";
  }
  message.text += "}}";
  return message;
}

Speech::Message Speech::unsubscribe() {
  Message message = begin(Asked::Kind::unsubscribe, "unsubscribe");
  message.asked.subscription = std::string{one_of(kSubscriptions)}.substr(0, 31);
  message.text += R"(,"payload":{"id":")" + message.asked.subscription + "\"}}";
  return message;
}

Speech::Message Speech::command(std::int64_t wall_ms) {
  Message message = begin(Asked::Kind::command, "command");
  AskedCommand& command = message.asked.command;
  std::string payload;
  if (dice_.chance(0.25)) {
    command.output = Output::fan;
    command.level = static_cast<double>(dice_.below(5)) / 4.0;
    payload = R"("channel":"cabin/fan","action":"set","value":)" + std::to_string(command.level);
  } else {
    command.toggles = dice_.chance(0.3);
    command.level = static_cast<double>(dice_.below(2));
    payload = R"("channel":"cabin/heater")";
    if (command.toggles) {
      payload += R"(,"action":"toggle")";
    } else {
      payload += command.level > 0.0 ? R"(,"value":true)" : R"(,"value":false)";
    }
  }
  if (subject_.guarded) guard(message, payload);
  const std::uint64_t until = dice_.below(4);
  if (until < 3) {
    command.until = static_cast<device::Rung>(until);
    payload += R"(,"until":")" + std::string{device::wire_name(command.until)} + '"';
  }
  add_times(message, payload, wall_ms);
  if (dice_.chance(0.15)) spoil(message, payload);
  message.text += ",\"payload\":{" + payload + "}}";
  if (payload.find("clientId") != std::string::npos) message.asked.text = message.text;
  return message;
}

/// In guarded lives: leases, pulses, releases, and names that answers are kept under.
void Speech::guard(Message& message, std::string& payload) {
  AskedCommand& command = message.asked.command;
  if (command.output == Output::heater && dice_.chance(0.3)) {
    const bool releases = dice_.chance(0.5);
    command.toggles = false;
    command.level = releases ? 0.0 : 1.0;
    payload = R"("channel":"cabin/heater","action":)";
    payload += releases ? R"("release")"
                        : R"("pulse","pulseMs":)" + digits(20 + static_cast<std::int64_t>(dice_.below(400)));
  }
  if (command.output == Output::heater && dice_.chance(0.85))
    payload += R"(,"leaseMs":)" + digits(50 + static_cast<std::int64_t>(dice_.below(700)));
  if (dice_.chance(0.3)) payload += R"(,"clientId":"storm")";
}

Speech::Message Speech::safety() {
  Message message = begin(Asked::Kind::safety, "");
  const std::string tail = message.text.substr(message.text.find('"', 9) + 1);
  std::string type = "renew";
  std::string payload =
      R"("channel":"cabin/heater","leaseMs":)" + digits(50 + static_cast<std::int64_t>(dice_.below(700)));
  const std::uint64_t what = dice_.below(10);
  if (what == 0) {
    type = "stop";
    payload.clear();
  } else if (what < 3) {
    type = "reset";
    payload.clear();
  } else if (what < 6) {
    constexpr std::array<std::string_view, 4> kActions{"take", "request", "grant", "steal"};
    type = "baton";
    payload = R"("group":"air","action":")" + std::string{one_of(kActions)} + '"';
  }
  message.text = R"({"type":")" + type + '"' + tail + ",\"payload\":{" + payload + "}}";
  return message;
}

Speech::Message Speech::repeat(const Asked& first) {
  Message message;
  message.asked.kind = Asked::Kind::repeat;
  message.asked.id = first.id;
  message.asked.remembered = first.outcome;
  message.text = first.text;
  return message;
}

void Speech::add_times(Message& message, std::string& payload, std::int64_t wall_ms) {
  AskedCommand& command = message.asked.command;
  if (dice_.chance(0.6)) {
    // Mostly odd numbers, so that a write can be told by its deadline; some so short that a late step misses
    // it.
    command.deadline_ms = dice_.chance(0.25) ? 1 + dice_.below(20) : 100 + dice_.below(900);
    payload += R"(,"deadlineMs":)" + digits(*command.deadline_ms);
  }
  if (dice_.chance(0.2)) {
    command.not_after_ms = wall_ms + static_cast<std::int64_t>(dice_.below(700)) - 100;
    payload += R"(,"notAfter":)" + digits(*command.not_after_ms);
  }
  if (dice_.chance(0.4)) {
    const bool foreign = dice_.chance(0.2);
    if (foreign) message.asked.expected = "foreignEpoch";
    payload += R"(,"epoch":")" + (foreign ? std::string{"yesterday"} : std::string{subject_.epoch}) + '"';
  }
}

void Speech::spoil(Message& message, std::string& payload) {
  switch (dice_.below(6)) {
    case 0:
      payload = R"("channel":"cabin/fan","value":1.5)";
      message.asked.expected = "outOfRange";
      break;
    case 1:
      payload = R"("channel":"cabin/heater","value":"on")";
      message.asked.expected = "malformed";
      break;
    case 2:
      payload = R"("channel":"cabin/door","value":true)";
      message.asked.expected = "forbidden";
      break;
    case 3:
      payload = R"("channel":"attic/heater","value":true)";
      message.asked.expected = "notFound";
      break;
    case 4:
      payload = R"("channel":"cabin/fan","action":"toggle")";
      message.asked.expected = "malformed";
      break;
    default:
      payload = R"("channel":"cabin/heater","value":true,"deadlineMs":0)";
      message.asked.expected = "outOfRange";
  }
}

Speech::Message Speech::junk() {
  Message message = begin(Asked::Kind::junk, dice_.chance(0.5) ? "ping" : "dance");
  Asked& asked = message.asked;
  asked.expected = "malformed";
  switch (dice_.below(7)) {
    case 0: message.text += R"(,"payload":)"; break;
    case 1: message.text += R"(,"payload":[1,2]})"; break;
    case 2: message.text += R"(,"traceId":7})"; break;
    case 3:
      message.text = "[]";
      asked.id.clear();
      break;
    case 4:
      message.text = "no JSON at all";
      asked.id.clear();
      break;
    case 5:
      message = begin(Asked::Kind::junk, "dance");
      message.text += '}';
      asked.expected = "unknownType";
      break;
    default: message.text += R"(,"payload":{"a":[[[[[[[[[[[[[[[[[1]]]]]]]]]]]]]]]]]}})";
  }
  return message;
}

Speech::Message Speech::oversized() {
  Message message = begin(Asked::Kind::junk, "ping");
  message.text += R"(,"payload":{"data":")" + std::string(subject_.message_bytes_max, 'x') + "\"}}";
  return message;
}

Speech::Message Speech::next(std::int64_t wall_ms, double rudeness) {
  if (dice_.chance(rudeness)) return junk();
  if (subject_.guarded && dice_.chance(0.15)) return safety();
  const std::uint64_t what = dice_.below(100);
  if (what < 45) return command(wall_ms);
  if (what < 65) return subscribe();
  if (what < 73) return unsubscribe();
  if (what < 78) return describe();
  return ping();
}

}  // namespace signalbox::sim::storm
