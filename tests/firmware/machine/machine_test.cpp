#include "machine/machine.hpp"

#include <gtest/gtest.h>

#include "firmware/journal/record.hpp"
#include "sim/hal/append_log.hpp"
#include "tests/firmware/session/bench.hpp"

namespace signalbox::machine {
namespace {

using session::Bench;
using session::Client;
using session::Message;
using session::types_of;

class MachineTest : public testing::Test {
 protected:
  Bench bench;
};

TEST_F(MachineTest, a_sample_goes_up) {
  Client& client = bench.join();
  bench.send(client, R"({"type":"subscribe","msgId":"s","payload":{"id":"a","paths":["cabin/door"]}})");
  bench.pass(from_ms(100));
  ASSERT_EQ(types_of(client.messages), "welcome snapshot synced");
  EXPECT_EQ(client.messages[1].at("payload.samples.0.quality"), R"("simulated")");
  bench.world.hold_door(true);
  bench.pass(from_ms(400));
  ASSERT_EQ(types_of(client.messages), "welcome snapshot synced telemetry");
  const Message& telemetry = client.messages.back();
  EXPECT_EQ(telemetry.at("payload.samples.0.channel"), R"("cabin/door")");
  EXPECT_EQ(telemetry.at("payload.samples.0.value"), "true");
  EXPECT_EQ(telemetry.at("payload.samples.1"), "");
  EXPECT_EQ(telemetry.at("payload.epoch"), R"("e7f3")");
}

TEST_F(MachineTest, wall_time_labels_what_monotonic_time_decides) {
  Client& client = bench.join();
  bench.send(client, R"({"type":"ping","msgId":"p"})");
  bench.pass(from_ms(0));
  const Message pong = client.last("p");
  EXPECT_EQ(pong.at("payload.uptimeMs"), std::to_string(to_ms(bench.now().time_since_epoch())));
  EXPECT_EQ(pong.at("payload.deviceTime"), pong.at("timestamp"));
}

TEST_F(MachineTest, it_is_due_when_what_it_submitted_will_have_finished) {
  Client& client = bench.join();
  bench.heat(client, "on", true, R"(,"until":"applied")");
  const Instant before = bench.now();
  const Instant next = bench.machine.step(bench.now(), {});
  EXPECT_GT(next, before);
  EXPECT_LT(next, before + from_ms(1)) << "a line takes 200 us; nobody waits for the next sample";
  bench.pass(from_ms(1));
  EXPECT_EQ(client.outcome("on"), R"("applied")");
}

TEST_F(MachineTest, only_what_is_due_and_what_is_more_than_an_echo_is_work) {
  Client& client = bench.join();
  bench.pass(from_ms(0));
  const Instant next = bench.machine.step(bench.now(), {});
  ASSERT_GT(next, bench.now());
  EXPECT_FALSE(bench.machine.has_work(bench.now()));
  EXPECT_TRUE(bench.machine.has_work(next));
  bench.send(client, R"({"type":"ping","msgId":"p","payload":{"data":"echo"}})");
  EXPECT_FALSE(bench.machine.has_work(bench.now()));
  bench.send(client, R"({"type":"ping","msgId":"q"})");
  EXPECT_FALSE(bench.machine.has_work(bench.now()));
  bench.send_part(client, R"({"type":"desc)", true, false);
  EXPECT_FALSE(bench.machine.has_work(bench.now()));
  bench.send_part(client, R"(ribe","msgId":"e"})", false, true);
  EXPECT_TRUE(bench.machine.has_work(bench.now()));
  bench.machine.step(bench.now(), {});
  bench.send(client, R"({"type":"describe","msgId":"d"})");
  EXPECT_TRUE(bench.machine.has_work(bench.now()));
  bench.machine.step(bench.now(), {});
  EXPECT_FALSE(bench.machine.has_work(bench.now()));
  bench.machine.ask_reload();
  EXPECT_TRUE(bench.machine.has_work(bench.now()));
  bench.machine.step(bench.now(), {});
  bench.machine.stop("restart", bench.now());
  EXPECT_TRUE(bench.machine.has_work(bench.now()));
}

TEST_F(MachineTest, the_heater_heats_the_cabin) {
  Client& client = bench.join();
  bench.heat(client, "on", true);
  const double before = bench.world.cabin_celsius();
  for (int i = 0; i < 30; ++i) {
    bench.send(client, R"({"type":"ping"})");
    bench.pass(from_ms(1000));
  }
  EXPECT_GT(bench.world.cabin_celsius(), before + 1.0);
  const device::ChannelIndex air = bench.machine.roster().find("cabin/temperature");
  EXPECT_NEAR(device::as_number(bench.machine.values().of(air).sample.value), bench.world.cabin_celsius(),
              0.2);
}

TEST_F(MachineTest, stopping_answers_what_is_owed_makes_safe_and_says_goodbye) {
  Client& client = bench.join();
  bench.heat(client, "on", true);
  bench.pass(from_ms(300));
  EXPECT_EQ(client.outcome("on"), R"("verified")");
  bench.heat(client, "again", true);
  bench.command(client, "fan", R"("channel":"cabin/fan","value":50)");
  EXPECT_FALSE(bench.machine.is_stopped());
  bench.machine.stop("restart", bench.now());
  bench.pass(from_ms(50));
  EXPECT_EQ(client.reason("again"), R"("stopped")");
  EXPECT_EQ(client.reason("fan"), R"("stopped")");
  EXPECT_EQ(client.messages.back().type(), "goodbye");
  EXPECT_EQ(client.messages.back().at("payload.retryAfterMs"), "2000");
  EXPECT_EQ(client.close_code, 1001);
  EXPECT_TRUE(bench.machine.is_stopped());
  EXPECT_FALSE(bench.platform.heater().closed(bench.now()));
  EXPECT_DOUBLE_EQ(bench.platform.fan().duty(), 0.8);
}

TEST_F(MachineTest, a_command_under_way_ends_before_the_goodbye) {
  Client& client = bench.join();
  bench.faults.add({sim::FaultKind::slow, "heater", bench.now(), kNever});
  bench.heat(client, "on", true);
  bench.pass(from_ms(1));
  bench.machine.stop("restart", bench.now());
  bench.pass(from_ms(30));
  EXPECT_EQ(types_of(client.messages), "welcome progress");
  bench.pass(from_ms(300));
  EXPECT_EQ(client.answers("on"), "progress error");
  EXPECT_EQ(client.reason("on"), R"("superseded")");
  EXPECT_EQ(client.messages.back().type(), "goodbye");
  EXPECT_FALSE(bench.platform.heater().closed(bench.now()));
  EXPECT_TRUE(bench.machine.is_stopped());
}

TEST_F(MachineTest, who_comes_while_it_stops_is_sent_away) {
  Client* half_way = bench.arrive(bench.token());
  bench.machine.stop("restart", bench.now());
  EXPECT_EQ(bench.arrive(bench.token()), nullptr);
  EXPECT_EQ(bench.refusal.reason, Reason::overloaded);
  EXPECT_EQ(bench.refusal.retry_after_ms, 2000U);
  bench.open(*half_way);
  bench.pass(from_ms(50));
  EXPECT_EQ(types_of(half_way->messages), "welcome goodbye");
  EXPECT_TRUE(bench.machine.is_stopped());
}

TEST_F(MachineTest, it_does_not_wait_for_ever_for_those_who_do_not_read) {
  Client& client = bench.join();
  client.reads = false;
  bench.machine.stop("restart", bench.now());
  bench.pass(from_ms(1900));
  EXPECT_FALSE(bench.machine.is_stopped());
  bench.pass(from_ms(300));
  EXPECT_TRUE(client.dropped);
  EXPECT_TRUE(bench.machine.is_stopped());
}

TEST(MachineAlarms, are_events_to_all_and_stand_in_the_description) {
  Bench bench{session::kTinyBudget, R"({"device":{"id":"bench"},"parts":[
    {"kind":"digitalInput","line":"door","periodMs":100,"channels":{"state":{"path":"cabin/door","alarms":[
      {"name":"open","is":true,"onDelayMs":1000,"offDelayMs":500,"severity":"error","acknowledge":true}]}}}]})"};
  bench.world.hold_door(false);
  Client& ann = bench.join();
  Client& bob = bench.join();
  constexpr std::string_view kAll =
      R"({"type":"subscribe","msgId":"s","payload":{"id":"a","paths":["#"],"events":true}})";
  bench.send(ann, kAll);
  bench.send(bob, kAll);
  bench.pass(from_ms(200));
  bench.world.hold_door(true);
  bench.pass(from_ms(900));
  EXPECT_EQ(ann.count("event"), 0U);
  bench.pass(from_ms(400));
  ASSERT_EQ(ann.count("event"), 1U);
  ASSERT_EQ(bob.count("event"), 1U);
  const Message raised = ann.messages.back();
  EXPECT_EQ(raised.at("payload.name"), R"("alarmRaised")");
  EXPECT_EQ(raised.at("payload.severity"), R"("error")");
  EXPECT_EQ(raised.at("payload.alarm"), R"("open")");
  EXPECT_EQ(raised.at("payload.value"), "true");
  EXPECT_EQ(raised.at("payload.quality"), R"("simulated")");
  bench.send(
      bob, R"({"type":"acknowledge","msgId":"k","payload":{"offset":)" + raised.at("payload.offset") + "}}");
  bench.pass(from_ms(10));
  EXPECT_EQ(bob.outcome("k"), R"("acknowledged")");
  ASSERT_EQ(ann.count("event"), 2U);
  EXPECT_EQ(ann.messages.back().at("payload.name"), R"("alarmAcknowledged")");
  EXPECT_EQ(ann.messages.back().at("payload.severity"), R"("info")");
  EXPECT_EQ(ann.messages.back().at("payload.raised"), raised.at("payload.offset"));
  EXPECT_EQ(ann.messages.back().at("payload.by"), R"("owner")");
  Client& late = bench.join();
  bench.send(late, R"({"type":"describe","msgId":"d"})");
  bench.pass(from_ms(10));
  EXPECT_EQ(late.last("d").at("payload.channels.0.alarms.0.state"), R"("acknowledged")");
  EXPECT_EQ(late.last("d").at("payload.channels.0.alarms.0.offset"), raised.at("payload.offset"));
  bench.world.hold_door(false);
  bench.pass(from_ms(800));
  ASSERT_EQ(ann.count("event"), 3U);
  EXPECT_EQ(ann.messages.back().at("payload.name"), R"("alarmCleared")");
  EXPECT_EQ(ann.messages.back().at("payload.value"), "false");
}

TEST_F(MachineTest, the_journal_has_its_whole_life) {
  std::string disk;
  sim::AppendLog log{bench.faults, disk};
  ASSERT_TRUE(bench.machine.keep_journal(log, {1'763'683'200'000}).has_value());
  Client& client = bench.join();
  bench.pass(from_ms(50));
  bench.machine.stop("restart", bench.now());
  bench.pass(from_ms(50));
  EXPECT_EQ(client.close_code, 1001);
  EXPECT_TRUE(bench.machine.is_stopped());
  const journal::Verdict verdict = journal::verdict_on(disk);
  EXPECT_EQ(verdict.complaint, "") << disk;
  EXPECT_EQ(disk.find(R"({"sequence":1,"kind":"started","at":1763683200000,"epoch":"e7f3",)"), 0U);
  EXPECT_NE(disk.find(R"("kind":"ended")"), std::string::npos);
}

TEST_F(MachineTest, a_stop_outlives_restarts_until_reset) {
  std::string disk;
  sim::Faults none;
  const auto restart = [&](auto&& live) {
    sim::AppendLog log{none, disk};  // what was not committed by the end is lost: the power goes
    Bench run{session::kTinyBudget, Bench::kFile, &log};
    live(run);
  };
  restart([](Bench& run) {
    Client& client = run.join();
    EXPECT_EQ(client.messages.at(0).at("payload.stopped"), "false");
    EXPECT_DOUBLE_EQ(run.platform.fan().duty(), 0.2);
    run.send(client, R"({"type":"stop","msgId":"s"})");
    run.pass(from_ms(20));
    EXPECT_EQ(client.outcome("s"), R"("stopped")");
  });
  restart([](Bench& run) {
    EXPECT_DOUBLE_EQ(run.platform.fan().duty(), 0.8) << "its safe value, not its initial one";
    Client& client = run.join();
    EXPECT_EQ(client.messages.at(0).at("payload.stopped"), "true");
    run.heat(client, "on", true);
    run.pass(from_ms(20));
    EXPECT_EQ(client.reason("on"), R"("stopped")");
  });
  restart([](Bench& run) {
    Client& client = run.join();
    EXPECT_EQ(client.messages.at(0).at("payload.stopped"), "true") << "as long as nobody resets it";
    run.send(client, R"({"type":"reset","msgId":"r"})");
    run.pass(from_ms(20));
    EXPECT_EQ(client.outcome("r"), R"("reset")");
  });
  restart([](Bench& run) { EXPECT_EQ(run.join().messages.at(0).at("payload.stopped"), "false"); });
  EXPECT_EQ(journal::verdict_on(disk).complaint, "") << disk;
}

TEST_F(MachineTest, history_outlives_a_restart) {
  std::string disk;
  sim::Faults none;
  std::string first;
  const auto asked = [](Bench& run, std::string_view msg_id) {
    Client& client = run.join();
    run.send(client, R"({"type":"history","msgId":")" + std::string{msg_id} +
                         R"(","payload":{"paths":["cabin/temperature"],"from":0,"to":9007199254740992}})");
    run.pass(from_ms(10));
    return client.last(msg_id);
  };
  {
    sim::AppendLog past{none, disk, "history"};
    Bench run{session::kTinyBudget, Bench::kFile, nullptr, {}, &past};
    run.pass(from_ms(300));
    const Message page = asked(run, "h");
    first = page.at("payload.series.0.samples.0.at");
    EXPECT_NE(first, "");
    run.machine.stop("restart", run.now());
    run.pass(from_ms(3000));
    EXPECT_TRUE(run.machine.is_stopped());
  }
  sim::AppendLog past{none, disk, "history"};
  Bench run{session::kTinyBudget, Bench::kFile, nullptr, {}, &past};
  const Message page = asked(run, "h");
  EXPECT_NE(page.text.find(R"({"offset":)"), std::string::npos);
  EXPECT_NE(page.text.find(R"("value":null,"quality":"stale","at":null})"), std::string::npos)
      << "the time it was off";
  EXPECT_FALSE(run.machine.values().of(0).offset <= run.machine.history().restored_until())
      << "what is now counts on from what was";
}

TEST_F(MachineTest, everybody_is_told_that_a_stop_may_not_be_kept) {
  std::string disk;
  sim::AppendLog log{bench.faults, disk};
  ASSERT_TRUE(bench.machine.keep_journal(log, {}).has_value());
  session::Client& client = bench.join();
  bench.send(client, R"({"type":"subscribe","payload":{"id":"s","paths":["#"],"events":true}})");
  bench.pass(from_ms(2000));
  const auto told = [&client](std::string_view name) {
    return std::count_if(client.messages.begin(), client.messages.end(), [name](const auto& message) {
      return message.at("payload.name") == '"' + std::string{name} + '"';
    });
  };
  bench.faults.add({sim::FaultKind::fails, "journal", bench.now(), bench.now() + from_ms(1500)});
  bench.send(client, R"({"type":"stop","msgId":"s"})");
  bench.pass(from_ms(100));
  EXPECT_EQ(client.outcome("s"), R"("stopped")") << "outputs are safe at once";
  EXPECT_EQ(told("journalFailed"), 1);
  EXPECT_EQ(told("journalRecovered"), 0);
  bench.pass(from_ms(3000));
  EXPECT_EQ(told("journalFailed"), 1);
  EXPECT_EQ(told("journalRecovered"), 1);
}

TEST_F(MachineTest, a_store_that_hangs_does_not_hold_up_the_stop_for_ever) {
  std::string disk;
  sim::AppendLog log{bench.faults, disk};
  bench.faults.add({sim::FaultKind::hung, "journal", Instant{}, kNever});
  ASSERT_TRUE(bench.machine.keep_journal(log, {}).has_value());
  bench.machine.stop("restart", bench.now());
  bench.pass(from_ms(500));
  EXPECT_FALSE(bench.machine.is_stopped());
  bench.pass(journal::Journal::kCloseWithin);
  EXPECT_TRUE(bench.machine.is_stopped());
}

TEST_F(MachineTest, a_part_the_board_does_not_have_is_told_by_name) {
  session::BenchMemory memory{session::kTinyBudget};
  trust::Tokens tokens;
  Machine machine{memory.spans(), bench.platform, tokens, {}, "e"};
  constexpr std::string_view file =
      R"({"device":{"id":"d"},"parts":[{"name":"attic","kind":"relay","line":"attic",
      "channels":{"state":{"path":"attic","initial":false,"safe":false}}}]})";
  ASSERT_FALSE(device::read_device_file(file, drivers::catalogue(), machine.roster()).has_value());
  const Result<void> started = machine.start(Instant{});
  ASSERT_FALSE(started.has_value());
  EXPECT_NE(started.error().detail.view().find("attic"), std::string_view::npos);
}

}  // namespace
}  // namespace signalbox::machine
