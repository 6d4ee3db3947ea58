#pragma once

#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "firmware/protocol/cabin.hpp"
#include "protocol/message.hpp"

namespace signalbox::protocol {

/// One of each message, of the cabin. A new one that is not here does not compile, so that every test over
/// all of them has it.
template <typename Message>
Message example() = delete;
/// The payload of a request of that type.
template <typename Asked>
std::string_view example_payload() = delete;

template <>
inline Ack example() {
  return {Ack::Outcome::verified};
}
template <>
inline Progress example() {
  return {Rung::applied};
}
template <>
inline Failure example() {
  Failure failure{{Reason::interlocked, "cabin/mode must be \"off\"", "payload.writes[1].channel", 250}};
  failure.refused[failure.refused_count++] = {Cabin::fan, Reason::interlocked};
  return failure;
}
template <>
inline Pong example() {
  return Pong{"door \"A\""};
}
template <>
inline Description example() {
  return {};
}
template <>
inline Snapshot example() {
  Snapshot snapshot{"cabin", {}};
  for (std::size_t i = 0; i < Cabin::count; ++i) snapshot.channels.set(i);
  return snapshot;
}
template <>
inline Synced example() {
  return {"cabin", 5};
}
template <>
inline Welcome example() {
  return {"0-1"};
}
template <>
inline Goodbye example() {
  return {"the device restarts", 2000};
}
template <>
inline HistoryPage example() {
  HistoryPage page{.channels = 1U << Cabin::temperature, .query = {}};
  page.query.from_ms = Cabin::kUnixMs - 2000;
  page.query.to_ms = Cabin::kUnixMs;
  page.query.cursor.started_ms = Cabin::kUnixMs - 5000;
  return page;
}
template <>
inline Missed example() {
  return {"cabin", {.channels = 0b11111, .until = 4}, 4};
}
template <>
inline JournalPage example() {
  return {{.after = 0, .max = 3}};
}
template <>
inline PresencePage example() {
  struct Two final : Attendance {
    std::optional<Attendee> do_from(std::uint32_t place) const override {
      if (place > 1) return std::nullopt;
      Attendee attendee{.place = place, .since = Cabin{}.now, .groups = 2, .subscriptions = 1, .folded = 9};
      attendee.session = place == 0 ? "0-1" : "1-4";
      attendee.name = place == 0 ? "ann" : "bob";
      attendee.role = Role::operating;
      attendee.peer = "192.0.2.7";
      if (place == 0) attendee.leases.set(Cabin::heater);
      return attendee;
    }
    std::string_view do_group(std::size_t n) const override { return n == 1 ? "night" : "?"; }
  };
  static const Two two;
  return {&two, 0};
}
template <>
inline WhoAmI example() {
  return {};
}
template <>
inline TokenMade example() {
  static const Principal panel = [] {
    Principal who{.name = "panel", .scope = *Scope::parse("read:# control:cabin/#")};
    who.credential = "u3xQ0cV1yT9wZ5bN";
    who.expires_s = 1'766'275'200;
    return who;
  }();
  return {&panel, "eyJhbGciOiJFUzI1NiJ9.eyJzdWIiOiJwYW5lbCJ9.c2ln"};
}
template <>
inline TicketMade example() {
  return {"kJ2s0cQ0yV1uT3xw5ZbNn7Rr9Aa1Cc3Ee5Gg7Ii9Kk0", 30'000};
}
template <>
inline TokenPage example() {
  struct One final : TokenList {
    std::optional<ListedToken> do_from(std::uint32_t place) const override {
      if (place > 0) return std::nullopt;
      return ListedToken{.place = 0,
                         .kind = "token",
                         .id = "u3xQ0cV1yT9wZ5bN",
                         .name = "panel",
                         .scope = "read:# control:cabin/#",
                         .issued_s = 1'763'683'200,
                         .expires_s = 1'766'275'200};
    }
    std::string_view do_key() const override { return "Xk9dQ2mZ7tYb1LhVn4cRf6Js0Wg3Pe8Au5oTiKxEyMw"; }
  };
  static const One one;
  return {&one, 0};
}
template <>
inline Announcement example() {
  Announcement announcement{.offset = 7, .to = {Audience::Kind::group, "night"}};
  announcement.by = "ann";
  announcement.session = "0-1";
  announcement.text = "going home\n\"soon\"";
  announcement.data = "{\"at\":17}";
  return announcement;
}
template <>
inline Telemetry example() {
  static constexpr std::array<Fold, 2> folds{Fold{20.25, 21.75, 7, 7}, Fold{0, 1, 2, 2}};
  Telemetry telemetry{{}, folds};
  telemetry.channels.set(Cabin::temperature).set(Cabin::heater);
  return telemetry;
}
template <>
inline Event example() {
  Event event{.offset = 6, .name = "actuated", .channel = Cabin::heater, .cause = "leaseEnded"};
  event.by = "ann";
  event.before = true;
  event.after = false;
  return event;
}
template <>
inline EventGap example() {
  return {12, 40};
}

template <>
inline LogLine example() {
  return {
      .offset = 8, .severity = Severity::warning, .text = "session 3 of \"192.0.2.7\": dropped", .lost = 2};
}

template <>
inline std::string_view example_payload<Authenticate>() {
  return R"({"token":"s3cret"})";
}
template <>
inline std::string_view example_payload<Ping>() {
  return R"({"data":"hello"})";
}
template <>
inline std::string_view example_payload<Describe>() {
  return R"({"path":"cabin/#"})";
}
template <>
inline std::string_view example_payload<Subscribe>() {
  return R"({"id":"cabin","paths":["cabin/#","+/power"],"mode":"fixed","periodMs":1000,"events":true})";
}
template <>
inline std::string_view example_payload<Unsubscribe>() {
  return R"({"id":"cabin"})";
}
template <>
inline std::string_view example_payload<Command>() {
  return R"({"channel":"cabin/fan","action":"set","value":55,"until":"applied","deadlineMs":1500,)"
         R"("notAfter":1763683202000,"epoch":"e7f3","clientId":"panel","ifVersion":3,"leaseMs":1000})";
}
template <>
inline std::string_view example_payload<Scene>() {
  return R"({"writes":[{"channel":"cabin/heater","value":false},{"channel":"cabin/fan","value":80}]})";
}
template <>
inline std::string_view example_payload<Renew>() {
  return R"({"channel":"cabin/heater","leaseMs":5000})";
}
template <>
inline std::string_view example_payload<AskBaton>() {
  return R"({"group":"cabin","action":"request"})";
}
template <>
inline std::string_view example_payload<Resume>() {
  return R"({"session":"0-1","sessionToken":"abc","offset":7})";
}
template <>
inline std::string_view example_payload<Stop>() {
  return "{}";
}
template <>
inline std::string_view example_payload<Reset>() {
  return "{}";
}

template <>
inline std::string_view example_payload<AskHistory>() {
  return R"({"paths":["cabin/temperature"],"from":1763683198123,"to":1763683200123})";
}

template <>
inline std::string_view example_payload<ReadJournal>() {
  return R"({"after":16,"max":3,"channel":"cabin/#","outcome":"failed"})";
}

template <>
inline std::string_view example_payload<Announce>() {
  return R"({"to":"group:night","text":"going home","data":"17:00"})";
}

template <>
inline std::string_view example_payload<Join>() {
  return R"({"group":"night"})";
}

template <>
inline std::string_view example_payload<Leave>() {
  return R"({"group":"night"})";
}

template <>
inline std::string_view example_payload<AskPresence>() {
  return R"({"after":0})";
}

template <>
inline std::string_view example_payload<Acknowledge>() {
  return R"({"offset":6})";
}

template <>
inline std::string_view example_payload<Reload>() {
  return "{}";
}

template <>
inline std::string_view example_payload<AskWhoAmI>() {
  return "{}";
}

template <>
inline std::string_view example_payload<IssueToken>() {
  return R"({"name":"panel","scope":"read:# control:cabin/#","lifetimeS":2592000})";
}

template <>
inline std::string_view example_payload<RefreshToken>() {
  return "{}";
}

template <>
inline std::string_view example_payload<AskTokens>() {
  return R"({"after":0})";
}

template <>
inline std::string_view example_payload<RevokeToken>() {
  return R"({"id":"u3xQ0cV1yT9wZ5bN"})";
}

template <>
inline std::string_view example_payload<AskTicket>() {
  return "{}";
}

template <>
inline std::string_view example_payload<FollowLog>() {
  return R"({"resume":{"epoch":"e7f3","offset":7}})";
}

/// All there are of `Told` or `Published`.
template <typename Variant>
std::vector<Variant> every() {
  return []<std::size_t... kPlaces>(std::index_sequence<kPlaces...>) {
    return std::vector<Variant>{example<std::variant_alternative_t<kPlaces, Variant>>()...};
  }
  (std::make_index_sequence<std::variant_size_v<Variant>>{});
}

/// A request's type and payload; its place here is its place among the requests.
struct Asked {
  std::string_view type;
  std::string_view payload;
};
inline std::vector<Asked> every_request() {
  return []<std::size_t... kPlaces>(std::index_sequence<kPlaces...>) {
    return std::vector<Asked>{{std::variant_alternative_t<kPlaces, Request>::type,
                               example_payload<std::variant_alternative_t<kPlaces, Request>>()}...};
  }
  (std::make_index_sequence<std::variant_size_v<Request>>{});
}

}  // namespace signalbox::protocol
