// Who one is, what one wants to know, and nonsense; commands are in speech_control.cpp.
#include "sim/storm/speech.hpp"

#include <algorithm>
#include <array>

#include "sim/storm/bench.hpp"

namespace signalbox::sim::storm {
namespace {

using Kind = Asked::Kind;

constexpr std::array<std::string_view, 10> kPatterns{
    "cabin/#",           "#",      "cabin/heater", "+/uptime", "cabin/+", "tank/level",
    "cabin/heaterSense", "host/#", "cabin/door",   "cabin/fan"};
constexpr std::array<std::string_view, 3> kSubscriptions{"a", "b", "long-subscription-name-of-31-by"};
constexpr std::array<std::string_view, 6> kEchoes{"",
                                                  "x",
                                                  "quote \\\" and \\\\",
                                                  "line\\nline\\u0001",
                                                  "größe ☃",
                                                  "0123456789012345678901234567890123456789"};
constexpr std::array<std::string_view, 6> kEchoesRead{
    "", "x", "quote \" and \\", "line\nline\x01", "größe ☃", "0123456789012345678901234567890123456789"};

}  // namespace

std::string Speech::fresh_id() {
  ++said_;
  if (numbers_ && !tongue_.is_envelope()) return std::to_string(client_ * 10'000 + said_);
  return "c" + std::to_string(client_) + "-" + std::to_string(said_);
}

Speech::Message Speech::begin(Kind kind, std::string_view type) {
  Message message;
  message.asked.kind = kind;
  message.asked.type = type;
  const bool needs_id = kind != Kind::ping && kind != Kind::junk;
  const std::string id = fresh_id();
  if (needs_id || !dice_.chance(0.1)) message.asked.id = id;
  message.traced = dice_.chance(0.2);
  return message;
}

Speech::Message Speech::authenticate(bool right) {
  Message message = begin(Kind::authenticate, "authenticate");
  if (!right) message.asked.expected = "unauthenticated";
  std::string token{subject_.token};
  if (!right) token.back() = token.back() == 'A' ? 'B' : 'A';
  message.asked.payload = R"("token":")" + token + '"';
  return message;
}

Speech::Message Speech::resume(const Keepsake& kept, bool right) {
  Message message = begin(Kind::resume, "resume");
  Asked& asked = message.asked;
  if (!right || kept.epoch != subject_.epoch) asked.expected = "forbidden";
  asked.session = kept.session;
  std::string token = kept.session_token;
  if (!right) token.back() = token.back() == 'A' ? 'E' : 'A';
  asked.payload = R"("session":")" + kept.session + R"(","sessionToken":")" + token + '"';
  asked.goes_on = kept.subscriptions;
  asked.is_unclear = kept.is_unclear;
  if (kept.subscriptions.empty() || dice_.chance(0.2)) return message;
  // Of several, the one that was told the least.
  std::uint64_t offset = kept.subscriptions.front().last_seen->offset;
  for (const Asked& its : kept.subscriptions)
    offset = its.last_seen->epoch == kept.epoch ? std::min(offset, its.last_seen->offset) : 0;
  if (dice_.chance(0.03)) {
    offset += 1'000'000;
    if (asked.expected.empty()) asked.expected = "outOfRange";
  }
  asked.last_seen = {kept.epoch, offset};
  asked.payload += R"(,"offset":)" + std::to_string(offset);
  return message;
}

Speech::Message Speech::ping() {
  Message message = begin(Kind::ping, "ping");
  const std::size_t which = dice_.below(kEchoes.size());
  message.asked.data = kEchoesRead[which];
  if (which > 0) message.asked.payload = R"("data":")" + std::string{kEchoes[which]} + '"';
  return message;
}

Speech::Message Speech::describe() {
  Message message = begin(Kind::describe, "describe");
  const std::string pattern{dice_.chance(0.5) ? "#" : one_of(kPatterns)};
  message.asked.channels = subject_.roster.matching(pattern);
  if (pattern != "#") message.asked.payload = R"("path":")" + pattern + '"';
  return message;
}

std::string Speech::some_paths(device::ChannelSet& channels) {
  std::string paths = R"("paths":[)";
  const int count = 1 + dice_.below(3);
  for (int i = 0; i < count; ++i) {
    const std::string pattern{one_of(kPatterns)};
    channels |= subject_.roster.matching(pattern);
    paths += (i > 0 ? ",\"" : "\"") + pattern + '"';
  }
  return paths += ']';
}

Speech::Message Speech::subscribe(Mood mood) {
  Message message = begin(Kind::subscribe, "subscribe");
  Asked& asked = message.asked;
  asked.subscription = one_of(kSubscriptions);
  asked.paths = some_paths(asked.channels);
  asked.payload = R"("id":")" + asked.subscription + "\"," + asked.paths;
  const bool sends_all = mood == Mood::settling && dice_.chance(0.6);
  if (sends_all) {
    asked.policy.min_period = Duration{0};
    asked.payload += R"(,"minPeriodMs":0)";
  } else if (dice_.chance(0.25)) {
    asked.policy.mode = RatePolicy::Mode::fixed;
    constexpr std::array<std::int64_t, 3> kPeriods_ms{50, 120, 400};
    const std::int64_t period_ms = one_of(kPeriods_ms);
    asked.policy.period = from_ms(period_ms);
    asked.payload += R"(,"mode":"fixed","periodMs":)" + std::to_string(period_ms);
  } else if (dice_.chance(0.8)) {
    constexpr std::array<std::int64_t, 4> kPeriods_ms{0, 20, 100, 500};
    const std::int64_t period_ms = one_of(kPeriods_ms);
    asked.policy.min_period = from_ms(period_ms);
    asked.policy.deadband = dice_.chance(0.3) ? 0.25 : 0.0;
    asked.payload += R"(,"minPeriodMs":)" + std::to_string(period_ms);
    if (asked.policy.deadband > 0.0) asked.payload += R"(,"deadband":0.25)";
  }
  asked.events = dice_.chance(0.4);
  if (asked.events) asked.payload += R"(,"events":true)";
  return message;
}

Speech::Message Speech::call(std::int64_t wall_ms) {
  const std::uint64_t what = dice_.below(100);
  if (what < 60) return command(wall_ms);
  if (what < 70) return history(wall_ms);
  if (what < 75) return begin(Kind::log, "log");
  if (what < 85) {
    Message message = begin(Kind::snapshot, "snapshot");
    message.asked.paths = some_paths(message.asked.channels);
    return message;
  }
  Message message = subscribe(Mood::restless);
  message.asked.subscription = "events";
  return message;
}

Speech::Message Speech::resubscribe(const Asked& kept) {
  Message message = begin(Kind::subscribe, "subscribe");
  Asked& asked = message.asked;
  asked.subscription = kept.subscription;
  asked.paths = kept.paths;
  asked.channels = kept.channels;
  asked.policy = kept.policy;
  asked.events = kept.payload.find(R"("events":true)") != std::string::npos;
  asked.last_seen = kept.last_seen;
  // It may have come back before.
  asked.payload = kept.payload.substr(0, kept.payload.find(R"(,"resume":)")) + R"(,"resume":{"epoch":")" +
                  kept.last_seen->epoch + R"(","offset":)" + std::to_string(kept.last_seen->offset) + '}';
  return message;
}

Speech::Message Speech::unsubscribe() {
  Message message = begin(Kind::unsubscribe, "unsubscribe");
  message.asked.subscription = one_of(kSubscriptions);
  message.asked.payload = R"("id":")" + message.asked.subscription + '"';
  return message;
}

Speech::Message Speech::history(std::int64_t wall_ms) {
  Inquiry::Question question;
  question.paths = some_paths(question.channels);
  const std::int64_t back_ms = 1 + dice_.below(std::int64_t{3000});
  question.from_ms = wall_ms - back_ms;
  question.to_ms = question.from_ms + 1 + dice_.below(4000);
  constexpr std::array<std::int64_t, 3> kSteps_ms{50, 300, 1000};
  if (dice_.chance(0.4)) question.step_ms = one_of(kSteps_ms);
  Message message = history_page(question, {});
  message.question = std::move(question);
  return message;
}

Speech::Message Speech::history_page(const Inquiry::Question& question, std::string_view cursor) {
  Message message = begin(Kind::history, "history");
  Asked& asked = message.asked;
  asked.channels = question.channels;
  asked.payload = question.paths + R"(,"from":)" + std::to_string(question.from_ms) + R"(,"to":)" +
                  std::to_string(question.to_ms);
  if (question.step_ms > 0) asked.payload += R"(,"stepMs":)" + std::to_string(question.step_ms);
  if (!cursor.empty()) asked.payload += R"(,"cursor":")" + std::string{cursor} + '"';
  return message;
}

Speech::Message Speech::revoke() {
  Message message = begin(Kind::revoke, "revokeToken");
  message.asked.token = subject_.spares[dice_.below(subject_.spares.size())];
  message.asked.payload = R"("id":")" + message.asked.token + '"';
  return message;
}

Speech::Message Speech::repeat(const Asked& first) {
  Message message;
  message.asked.kind = Kind::repeat;
  message.asked.id = first.id;
  message.asked.type = first.type;
  message.asked.payload = first.payload;
  message.asked.remembered = first.outcome;
  message.asked.command = first.command;
  const bool foreign = !first.command.epoch.empty() && first.command.epoch != subject_.epoch;
  if (foreign) message.asked.expected = "foreignEpoch";
  return message;
}

Speech::Message Speech::junk() { return tongue_.is_envelope() ? envelope_junk() : jsonrpc_junk(); }

Speech::Message Speech::envelope_junk() {
  Message message = begin(Kind::junk, dice_.chance(0.5) ? "ping" : "dance");
  Asked& asked = message.asked;
  asked.expected = "malformed";
  std::string head = tongue_.say(asked.type, asked.id, message.traced, "");
  head.pop_back();
  switch (dice_.below(7)) {
    case 0: message.text = head + R"(,"payload":)"; break;
    case 1: message.text = head + R"(,"payload":[1,2]})"; break;
    case 2: message.text = head + R"(,"traceId":7})"; break;
    case 3:
    case 4:
      message.text = dice_.chance(0.5) ? "[]" : "no JSON at all";
      asked.id.clear();
      break;
    case 5:
      message = begin(Kind::junk, "dance");
      message.asked.expected = "unknownType";
      break;
    default: message.text = head + R"(,"payload":{"a":[[[[[[[[[[[[[[[[[1]]]]]]]]]]]]]]]]]}})";
  }
  return message;
}

Speech::Message Speech::jsonrpc_junk() {
  Message message = begin(Kind::junk, "dance");
  Asked& asked = message.asked;
  asked.expected = "malformed";
  std::string head = tongue_.say(asked.type, asked.id, false, "");
  head.pop_back();
  switch (dice_.below(5)) {
    case 0:
      message.text = head + R"(,"params":)";
      asked.id.clear();  // nothing is salvaged of what is no JSON
      break;
    case 1: message.text = head + R"(,"params":[1,2]})"; break;
    case 2: message.text = head + R"(,"params":7})"; break;
    case 3:
      message.text = dice_.chance(0.5) ? R"([{"jsonrpc":"2.0","id":1,"method":"ping"}])" : "no JSON at all";
      asked.id.clear();
      break;
    default:
      if (!asked.id.empty()) asked.expected = "unknownType";
  }
  return message;
}

Speech::Message Speech::oversized() {
  Message message = begin(Kind::junk, "ping");
  message.asked.payload = R"("data":")" + std::string(subject_.message_bytes_max, 'x') + '"';
  return message;
}

Speech::Message Speech::next(std::int64_t wall_ms, double rudeness, Mood mood) {
  if (dice_.chance(rudeness)) return junk();
  if (subject_.guarded && dice_.chance(0.15)) return safety();
  if (mood == Mood::settling) return subscribe(mood);
  const int what = dice_.below(100);
  if (what < 36) return command(wall_ms);
  if (what < 45) return scene(wall_ms);
  if (what < 51) return history(wall_ms);
  if (what < 56) return describe();
  if (what < 59) return revoke();
  if (what < 70 || mood == Mood::settled) return ping();
  return what < 91 ? subscribe(mood) : unsubscribe();
}

}  // namespace signalbox::sim::storm
