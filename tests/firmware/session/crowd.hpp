#pragma once

#include <algorithm>
#include <array>
#include <gtest/gtest.h>
#include <limits>
#include <set>
#include <string>
#include <vector>

#include "sim/dice.hpp"
#include "sim/hal/entropy.hpp"
#include "tests/firmware/session/bench.hpp"
#include "tests/firmware/trust/jwk.hpp"
#include "trust/jwt.hpp"

namespace signalbox::session {

/// Somebody whose tokens the device takes as well.
class House {
 public:
  House() {
    EXPECT_TRUE(random_.seed(entropy_));
    EXPECT_TRUE(key_.make(random_));
  }
  std::string key_set() const { return R"({"keys":[)" + trust::jwk_of(key_, "house") + "]}"; }
  std::string token(std::string_view id, const Scope& scope, std::int64_t made_s, std::int64_t ends_s) {
    trust::Claims claims;
    claims.name = "foreigner";
    claims.scope = scope;
    claims.id = id;
    claims.issued_s = made_s;
    claims.expires_s = ends_s;
    std::array<char, trust::kTokenBytesMax> into{};
    const auto token = trust::write_jwt(claims, "bench", "house", key_, random_, into);
    EXPECT_TRUE(token.has_value());
    return token ? std::string{*token} : std::string{};
  }

 private:
  sim::Entropy entropy_{7};
  trust::Random random_;
  trust::SigningKey key_;
};

/// Random people who give out, take back, refresh and use tokens while time passes and keys are replaced. One
/// came by a token of the device that can be renewed, one by a certificate, one by an issuer's token. Beside
/// them a model that knows nothing of patterns, grants and lifetimes: it asks for each right and each path
/// there is, and remembers when nobody may be left of those who owe it to somebody whose time ends.
class Crowd {
 public:
  explicit Crowd(std::uint64_t seed) : dice_{seed} {
    static House house;
    bench_.believe(house.key_set());
    const Scope all = *Scope::parse("read:# control:# admin");
    const std::int64_t foreign_s = now_s() + some_time();
    const std::int64_t certified_s = now_s() + some_time();
    people_.push_back({.text = bench_.issue("root", "read:# control:# admin"),
                       .scope = all,
                       .ends_s = now_s() + trust::Tokens::kLifetimeMax_s});
    bench_.pass(from_ms(10));  // it is saved
    people_.push_back({.text = house.token("foreign", all, now_s(), foreign_s),
                       .scope = all,
                       .id = "foreign",
                       .ends_s = foreign_s,
                       .last_s = foreign_s,
                       .is_ours = false});
    people_.push_back(
        {.scope = all, .ends_s = certified_s, .last_s = certified_s, .is_ours = false, .certified = true});
  }

  void step() {
    // Nobody's time ends in the middle of one; each takes less than that.
    if (const std::int64_t ms = bench_.clock().wall().unix_ms % 1000; ms > 900)
      bench_.pass(from_ms(1000 - ms));
    // Those who came last have most hands behind them.
    const std::size_t who = dice_.chance(0.4) ? people_.size() - 1 : dice_.below(people_.size());
    switch (dice_.below(10)) {
      case 0:
      case 1:
      case 2: return issue(who);
      case 3: return revoke(who);
      case 4:
      case 5: return refresh(who);
      case 6: return wait();
      case 7: return dice_.chance(0.3) ? replace_key(who) : use(who);
      default: return use(who);
    }
  }

 private:
  static constexpr std::int64_t kNever_s = std::numeric_limits<std::int64_t>::max();
  struct Somebody {
    std::string text{};
    Scope scope;
    std::string id{};
    std::int64_t ends_s = 0;
    std::int64_t last_s = kNever_s;  ///< then they have nothing, whatever they do
    bool is_ours = true;
    bool certified = false;
    bool revoked = false;
  };
  static constexpr const char* kWords[]{"read:#",          "read:cabin/#", "read:cabin/heater",
                                        "read:+/level",    "control:#",    "control:cabin/heater",
                                        "control:cabin/+", "admin",        "control:cabin/#",
                                        "read:host/load"};
  static constexpr const char* kPaths[]{"cabin/temperature", "cabin/heater", "cabin/contact", "cabin/fan",
                                        "tank/level",        "cabin/door",   "host/load",     "cabin"};

  static std::set<std::string> rights(const Scope& scope) {
    std::set<std::string> all;
    for (const char* path : kPaths) {
      if (scope.may(Right::read, path)) all.insert(std::string{"read "} + path);
      if (scope.may(Right::control, path)) all.insert(std::string{"control "} + path);
    }
    if (scope.may(Right::administer)) all.insert("administer");
    return all;
  }
  std::int64_t now_s() { return bench_.clock().wall().unix_ms / 1000; }
  std::int64_t some_time() {
    constexpr std::int64_t kTimes_s[]{60, 1000, 20'000, 86'400, 10 * 86'400};
    return kTimes_s[dice_.below(std::size(kTimes_s))];
  }
  /// The session of somebody who shows what they have; nullptr where it is refused.
  Client* enter(std::size_t who) {
    const Somebody& its = people_[who];
    const bool in_time = now_s() < its.ends_s;
    if (its.certified && !in_time) return nullptr;  // TLS refuses it
    Principal certified{"certified", its.scope, {}, {}, its.ends_s};
    certified.certificate = "serial";
    Client* client = bench_.arrive(its.text, "signalbox.v1", {}, its.certified ? &certified : nullptr);
    EXPECT_EQ(client != nullptr, in_time && !its.revoked) << bench_.refusal.detail.view();
    if (client != nullptr) bench_.open(*client);
    return client;
  }
  Message ask(Client& client, std::string_view type, const std::string& payload) {
    client.messages.clear();
    if (!client.session) return {};  // it was closed
    bench_.send(client, R"({"type":")" + std::string{type} + R"(","msgId":"m","payload":)" + payload + "}");
    bench_.pass(from_ms(6));  // tokens are saved meanwhile
    return client.last("m");
  }
  void leave(Client* client) {
    bench_.leave(*client);
    bench_.pass(from_ms(100));
  }
  static std::string plain(const std::string& quoted) {
    return quoted.size() < 2 ? "" : quoted.substr(1, quoted.size() - 2);
  }

  static std::int64_t seconds(const std::string& ms) { return ms.empty() ? 0 : std::stoll(ms) / 1000; }

  void wait() {
    bench_.clock().set_wall({bench_.clock().wall().unix_ms + (some_time() / 2 + 1) * 1000});
    bench_.pass(from_ms(1));  // it is read
  }
  void issue(std::size_t who) {
    Client* client = enter(who);
    if (client == nullptr) return;
    std::string words = kWords[dice_.below(std::size(kWords))];
    while (dice_.chance(0.5) && words.size() < 100)
      words += std::string{" "} + kWords[dice_.below(std::size(kWords))];
    const Scope wanted = *Scope::parse(words);
    const std::int64_t lifetime_s = some_time();
    const Message told =
        ask(*client, "issueToken",
            R"({"name":"n","scope":")" + words + R"(","lifetimeS":)" + std::to_string(lifetime_s) + "}");
    const auto has = rights(people_[who].scope);
    const auto asks = rights(wanted);
    const bool narrows = std::includes(has.begin(), has.end(), asks.begin(), asks.end());
    if (told.type() == "token") {
      EXPECT_TRUE(has.contains("administer")) << "gave out a token without the right to";
      EXPECT_TRUE(narrows) << words << " out of " << people_[who].scope.text();
      const std::int64_t ends_s = seconds(told.at("payload.expires"));
      EXPECT_EQ(ends_s, std::min(now_s() + lifetime_s, people_[who].ends_s));
      people_.push_back({.text = plain(told.at("payload.token")),
                         .scope = wanted,
                         .id = plain(told.at("payload.id")),
                         .ends_s = ends_s,
                         .last_s = people_[who].last_s});
    }
    leave(client);
  }
  void revoke(std::size_t who) {
    Client* client = enter(who);
    if (client == nullptr) return;
    const std::size_t other = dice_.below(people_.size());
    if (other > 0 && !people_[other].certified) {
      const bool is_in = !people_[other].revoked && now_s() < people_[other].ends_s;
      Client* victim = is_in ? enter(other) : nullptr;
      const Message told = ask(*client, "revokeToken", R"({"id":")" + people_[other].id + "\"}");
      const bool may = people_[who].scope.may(Right::administer);
      EXPECT_EQ(told.at("payload.reason") == R"("forbidden")", !may);
      if (told.at("payload.outcome") == R"("revoked")") {
        people_[other].revoked = true;
        if (victim != nullptr) {
          EXPECT_EQ(ask(*victim, "describe", "{}").text, "") << "served after it was revoked";
        }
      }
      if (victim != nullptr && victim->session) leave(victim);
    }
    if (client->session) leave(client);
  }
  /// All tokens of the device are worth nothing then, but that of who did it has another in its place.
  void replace_key(std::size_t who) {
    Client* client = enter(who);
    if (client == nullptr) return;
    const Message told =
        ask(*client, "revokeToken", R"({"id":")" + std::string{bench_.tokens().key_id()} + "\"}");
    Somebody& its = people_[who];
    EXPECT_EQ(told.at("payload.outcome") == R"("revoked")", its.scope.may(Right::administer));
    if (told.at("payload.outcome") == R"("revoked")") {
      for (Somebody& each : people_) each.revoked = each.revoked || each.is_ours;
      EXPECT_EQ(!told.at("payload.token").empty(), its.is_ours);
      if (its.is_ours) {
        const Message is = ask(*client, "whoami", "{}");
        EXPECT_EQ(seconds(is.at("payload.expires")), its.ends_s);
        its.text = plain(told.at("payload.token"));
        its.id = plain(is.at("payload.id"));
        its.revoked = false;
      }
    }
    if (client->session) leave(client);
  }
  void refresh(std::size_t who) {
    Client* client = enter(who);
    if (client == nullptr) return;
    const Message told = ask(*client, "refreshToken", "{}");
    Somebody& its = people_[who];
    if (told.type() == "token") {
      EXPECT_EQ(plain(told.at("payload.scope")), its.scope.text());
      its.text = plain(told.at("payload.token"));
      its.ends_s = seconds(told.at("payload.expires"));
      EXPECT_EQ(its.last_s, kNever_s) << "renewed, and owed to somebody whose time ends";
    } else {
      EXPECT_TRUE(its.last_s != kNever_s || told.at("payload.reason") == R"("busy")") << told.text;
    }
    leave(client);
  }
  void use(std::size_t who) {
    Client* client = enter(who);
    if (client == nullptr) return;
    const char* path = kPaths[dice_.below(std::size(kPaths) - 1)];
    const auto has = rights(people_[who].scope);
    const Message seen = ask(*client, "describe", std::string{R"({"path":")"} + path + "\"}");
    EXPECT_EQ(!seen.at("payload.channels.0").empty(), has.contains(std::string{"read "} + path)) << path;
    const Message moved =
        ask(*client, "command", R"({"channel":"cabin/heater","action":"release","until":"accepted"})");
    const bool refused =
        moved.at("payload.reason") == R"("forbidden")" || moved.at("payload.reason") == R"("notFound")";
    EXPECT_EQ(!refused, has.contains("control cabin/heater")) << moved.text;
    const Message administered = ask(*client, "journal", "{}");
    EXPECT_EQ(administered.type() == "journal", has.contains("administer"));
    leave(client);
  }

  sim::Dice dice_;
  Bench bench_{[] {
    Budget budget = kEventfulBudget;
    budget.message_bytes_max = 2048;
    return budget;
  }()};
  std::vector<Somebody> people_;
};

}  // namespace signalbox::session
