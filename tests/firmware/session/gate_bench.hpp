#pragma once

#include <gtest/gtest.h>
#include <string>
#include <vector>

#include "tests/firmware/session/bench.hpp"

namespace signalbox::session {

inline constexpr std::string_view kGateFile = R"({"device":{"id":"gate"},"parts":[
  {"kind":"relay","line":"heater","periodMs":50,"channels":{"state":{"path":"cabin/heater","safe":false,
      "baton":"cabin","lease":{"required":true,"maxMs":2000},"interlocks":[{"channel":"cabin/door","is":false}]}}},
  {"kind":"pwmFan","output":"fan","channels":{"duty":{"path":"cabin/fan","range":[0,100],"safe":0,"baton":"cabin"}}},
  {"kind":"relay","line":"lamp","channels":{"state":{"path":"lamp","safe":false,"pulseMaxMs":300}}},
  {"kind":"digitalInput","line":"door","periodMs":50,"channels":{"state":{"path":"cabin/door"}}},
  {"kind":"digitalInput","line":"stop-button","periodMs":50,"channels":{"state":{"path":"stopButton"}}}],
  "stop":{"channel":"stopButton","is":true}})";

/// Two administrators before outputs with leases, a baton, an interlock and a stop.
class GateBench : public testing::Test {
 protected:
  GateBench() { bench.pass(from_ms(200)); }

  /// Sends a request, lets it come to its end, and what that was: an outcome or a reason.
  std::string ask(Client& client, std::string_view type, std::string_view payload) {
    const std::string id = "m" + std::to_string(++asked);
    return ask_as(client, id, type, payload);
  }
  std::string ask_as(Client& client, const std::string& id, std::string_view type, std::string_view payload) {
    client.messages.clear();
    bench.send(client, R"({"type":")" + std::string{type} + R"(","msgId":")" + id + R"(","payload":{)" +
                           std::string{payload} + "}}");
    bench.pass(from_ms(50));
    const Message last = client.last(id);
    const std::string word = last.at(last.type() == "error" ? "payload.reason" : "payload.outcome");
    return word.size() < 2 ? word : word.substr(1, word.size() - 2);
  }
  std::string detail(Client& client) { return client.messages.back().at("payload.detail"); }
  /// What resumes that client's session, from its welcome.
  static std::string resume_of(const Client& client) {
    const Message& welcome = client.messages.front();
    return R"("session":)" + welcome.at("payload.session") + R"(,"sessionToken":)" +
           welcome.at("payload.sessionToken");
  }
  bool is_on(device::ChannelIndex channel) {
    return bench.machine.values().of(channel).sample.value == device::Value{true};
  }
  void subscribe_events(Client& client) {
    bench.send(client,
               R"({"type":"subscribe","msgId":"s","payload":{"id":"s","paths":["#"],"events":true}})");
    bench.pass(from_ms(20));
    client.messages.clear();
  }
  std::vector<Message> events(const Client& client, std::string_view name) {
    std::vector<Message> found;
    for (const Message& message : client.messages)
      if (message.type() == "event" && message.at("payload.name") == '"' + std::string{name} + '"')
        found.push_back(message);
    return found;
  }

  static constexpr std::string_view kHeat = R"("channel":"cabin/heater","value":true,"leaseMs":1000)";
  enum : device::ChannelIndex { kHeater, kFan, kLamp, kDoor };
  Bench bench{kEventfulBudget, kGateFile};
  Client& ann = bench.join();
  Client& bob = bench.join();
  int asked = 0;
};

}  // namespace signalbox::session
