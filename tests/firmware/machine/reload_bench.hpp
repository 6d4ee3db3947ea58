#pragma once

#include <gtest/gtest.h>
#include <string>

#include "tests/firmware/session/bench.hpp"

namespace signalbox::machine {

/// A device whose file is made of pieces, so that each test changes one.
class ReloadBench : public testing::Test {
 protected:
  using Client = session::Client;
  using Message = session::Message;

  static Budget budget() {
    Budget roomy = session::kTinyBudget;
    roomy.channels_max = 10;
    roomy.parts_max = 8;
    roomy.events_max = 16;
    roomy.message_bytes_max = 1024;
    return roomy;
  }
  /// The pieces; a test changes one and reloads.
  std::string air = R"({"kind":"tmp102","bus":1,"periodMs":100,"channels":{"temperature":
      {"path":"cabin/temperature","range":[-40,85],"staleMs":5000}}})";
  std::string heater = R"({"name":"heater","kind":"relay","line":"heater","periodMs":100,"channels":{"state":
      {"path":"cabin/heater","safe":false,"lease":{"maxMs":60000},
       "feedback":{"channel":"cabin/contact","verifyMs":300}}}})";
  std::string contact = R"({"kind":"digitalInput","line":"heater-sense","periodMs":50,"channels":{"state":
      {"path":"cabin/contact"}}})";
  std::string fan = R"({"name":"fan","kind":"pwmFan","output":"fan","channels":{"duty":
      {"path":"cabin/fan","range":[0,100],"initial":20,"safe":80,"deadlineMs":400}}})";
  std::string more;  ///< with a comma in front

  std::string file() const {
    return R"({"device":{"id":"bench"},"parts":[)" + air + ",\n" + heater + ",\n" + contact +
           (fan.empty() ? "" : ",\n" + fan) + more + "]}";
  }

  /// Asks for it as an administrator would, and hands the file in.
  void reload(std::string_view msg_id = "r") {
    bench.send(client, R"({"type":"reload","msgId":")" + std::string{msg_id} + R"("})");
    hand_in();
  }
  void hand_in() {
    ASSERT_TRUE(bench.machine.wants_device_file());
    text = file();
    bench.machine.reload(std::string_view{text}, drivers::catalogue(), bench.now());
    bench.pass(from_ms(300));
  }
  void subscribe(std::string_view path) {
    bench.send(client, R"({"type":"subscribe","msgId":"s","payload":{"id":"s","paths":[")" +
                           std::string{path} + R"("],"minPeriodMs":0,"events":true}})");
    bench.pass(from_ms(100));
  }
  Message describe(std::string_view path) {
    bench.send(client,
               R"({"type":"describe","msgId":"d","payload":{"path":")" + std::string{path} + R"("}})");
    bench.pass(from_ms(0));
    return client.last("d");
  }
  std::string described(std::string_view path, std::string_view member) {
    return describe(path).at("payload.channels.0." + std::string{member});
  }
  /// The events of that name, of one channel or of any.
  std::vector<Message> events(std::string_view name, std::string_view channel = {}) {
    std::vector<Message> found;
    for (const Message& message : client.messages) {
      const bool fits = channel.empty() || message.at("payload.channel") == '"' + std::string{channel} + '"';
      if (message.type() == "event" && message.at("payload.name") == '"' + std::string{name} + '"' && fits)
        found.push_back(message);
    }
    return found;
  }
  device::ChannelIndex index(std::string_view path) { return bench.machine.roster().find(path); }
  bool is_on() { return bench.platform.heater().closed(bench.now()); }
  double duty() { return bench.platform.fan().duty(); }
  const control::Lease& lease(std::string_view path) {
    return bench.machine.controller().authority().lease(index(path));
  }

  std::string text = file();
  session::Bench bench{budget(), text};
  Client& client = bench.join();
};

}  // namespace signalbox::machine
