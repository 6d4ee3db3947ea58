#pragma once

#include <array>
#include <gtest/gtest.h>
#include <string>
#include <vector>

#include "device/device_file.hpp"
#include "drivers/catalogue.hpp"
#include "session/router.hpp"
#include "session/sender.hpp"
#include "sim/hal/clock.hpp"
#include "sim/hal/entropy.hpp"
#include "sim/hal/host.hpp"
#include "sim/hal/platform.hpp"
#include "sim/hal/store.hpp"
#include "tests/firmware/session/message.hpp"

namespace signalbox::session {

/// What stands between the table of sessions and the rest: router, publisher and sender, with sessions made
/// by hand, values put by hand, and few places of everything.
class Room : public testing::Test,
             protected control::CommandListener,
             protected control::ActuationListener,
             protected telemetry::AlarmListener {
 protected:
  enum : device::ChannelIndex { kTemperature, kHeater, kContact, kNote, kChannels };
  static constexpr std::string_view kFile = R"({"device":{"id":"d"},"parts":[
    {"kind":"tmp102","bus":1,"channels":{"temperature":{"path":"cabin/temperature","range":[-40,85]}}},
    {"kind":"relay","line":"heater","channels":{"state":{"path":"cabin/heater","initial":false,"safe":false,
        "feedback":{"channel":"cabin/contact","verifyMs":500}}}},
    {"kind":"digitalInput","line":"heater-sense","channels":{"state":{"path":"cabin/contact"}}}]})";
  static constexpr std::size_t kSessions = 3, kPlaces = 8, kWaiting = 2, kFrames = 4, kFrameBytes = 4096,
                               kPast = 8;

  Room() {
    const auto mistake = device::read_device_file(kFile, drivers::catalogue(), roster);
    EXPECT_FALSE(mistake.has_value()) << mistake->text().view();
    EXPECT_TRUE(roster.start(platform.ports()).has_value());
    device::Channel& note = *roster.add_channel();
    note.path = "log/note";
    note.kind = device::ValueKind::text;
    EXPECT_TRUE(tokens.open(store, entropy).has_value());
    controller.begin(now);
    put(kTemperature, 20.0);
    put(kHeater, false);
    put(kContact, false);
    put(kNote, device::Text{"-"});
  }
  ~Room() override {
    for (Session* session : all) {
      publisher.leave_all(*session);
      sender.clear(*session);
    }
    EXPECT_EQ(frames.holders(), 0U) << "every hold on a frame was let go";
    EXPECT_EQ(frames.gauge().used, 0U);
    EXPECT_EQ(publisher.gauge().used, 0U);
  }

  /// What allows to read and move that much; empty: nothing.
  static Scope scope(std::string_view readable, std::string_view controllable, bool admin = false) {
    std::string words;
    if (!readable.empty()) words += " read:" + std::string{readable};
    if (!controllable.empty()) words += " control:" + std::string{controllable};
    if (admin) words += " admin";
    const Result<Scope> scope = words.empty() ? Result<Scope>{Scope{}} : Scope::parse(words.substr(1));
    EXPECT_TRUE(scope.has_value());
    return *scope;
  }
  /// A session that showed a credential which allows that much.
  Session& join(std::string_view readable = "#", std::string_view controllable = "#") {
    const std::size_t index = all.size();
    const Outbox outbox{{places, index, kSessions},
                        std::span{waiting}.subspan(index * kWaiting, kWaiting),
                        std::span{folds}.subspan(index * kChannels, kChannels)};
    const Handle handle = sessions.take(1U, protocol::envelope(), outbox, now);
    Session& session = sessions.at(handle);
    session.handle = handle;
    deadlines.clear(handle.index);
    session.holder = handle.index + 1;
    session.phase = Phase::authenticated;
    session.principal = Principal{"somebody", scope(readable, controllable)};
    all.push_back(&session);
    return session;
  }
  void put(device::ChannelIndex channel, const device::Value& value) {
    values.put(channel, {value, device::Quality::good, now});
    history.put(channel, values.of(channel));
  }
  void ask(Session& session, std::string_view message) { router.route(session, message, now); }
  void subscribe(Session& session, std::string_view id, std::string_view path,
                 std::string_view policy = R"("minPeriodMs":0)") {
    ask(session, format_text<255>(
                     R"({"type":"subscribe","msgId":"s","payload":{"id":"%s","paths":["%s"],%s}})",
                     FixedText<31>{id}.c_str(), FixedText<47>{path}.c_str(), FixedText<95>{policy}.c_str()));
  }
  /// Publishes what is due.
  void publish() {
    publisher.step(now, [](Session&) {});
  }
  Outgoing next(Session& session) { return sender.next(session, into, now); }
  /// The one message that comes next, whole; empty where nothing does.
  Message take(Session& session) {
    Message message;
    for (Outgoing part = next(session); part.kind == Outgoing::Kind::text; part = next(session)) {
      EXPECT_EQ(part.first, message.text.empty());
      message.text.append(part.bytes.data(), part.bytes.size());
      if (part.last) break;
    }
    return message;
  }
  /// Everything that waits.
  std::vector<Message> take_all(Session& session) {
    std::vector<Message> messages;
    for (Message message = take(session); !message.text.empty(); message = take(session))
      messages.push_back(message);
    return messages;
  }
  void do_progressed(const control::Progressed& progressed) override { told.push_back(progressed); }
  void do_actuated(const control::Actuation&) override {}
  void do_stop_changed(const control::StopChange&) override {}
  std::uint64_t do_alarm_changed(const telemetry::AlarmChange& change) override {
    alarm_changes.push_back(change);
    return news.add({.at = now, .name = "alarm", .channel = change.alarm.channel});
  }

  Instant now{from_ms(10'000)};
  sim::World world;
  sim::Faults faults;
  sim::Clock host_clock;
  sim::Host host{host_clock};
  sim::Platform platform{world, faults, host};
  std::array<device::Channel, kChannels> channels{};
  std::array<device::Part, 3> parts{};
  std::array<device::Latest, kChannels> latest{};
  device::Roster roster{channels, parts};
  device::Values values{latest};
  std::array<telemetry::History::Track, kChannels> tracks{};
  std::array<telemetry::History::Entry, kChannels * kPast> past{};
  telemetry::History history{{tracks, past}};
  std::array<telemetry::Alarms::OfChannel, kChannels> alarm_states{};
  telemetry::Alarms alarms{roster, values, alarm_states, *this};
  std::vector<telemetry::AlarmChange> alarm_changes;
  protocol::Limits limits{.sessions = kSessions,
                          .message_bytes = 1024,
                          .subscriptions = 2,
                          .commands_in_flight = 2,
                          .authenticate_ms = 1000,
                          .heartbeat_ms = 1000,
                          .dead_after_ms = 3000,
                          .unread_after_ms = 2000};
  WallClock clock{.at = now, .wall = {1'763'683'200'123}};
  std::array<protocol::Event, 4> event_slots{};
  std::array<protocol::Event, 3> presence_slots{};
  std::array<protocol::Announcement, 3> announcement_slots{};
  std::array<protocol::LogLine, 3> line_slots{};
  News news{{event_slots, presence_slots, announcement_slots, line_slots}, values};
  std::array<journal::Record, 40> records{};
  journal::Journal journal{{records, {}}};
  Context context{roster,  values,  history,    alarms, limits,
                  clock,   news,    controller, *this,  FixedText<16>{"e7f3"},
                  "0.1.0", &journal};

  std::array<Sessions::Slot, kSessions> slots{};
  std::array<AnswerPlace, kSessions * kPlaces> places{};
  std::array<FrameId, kSessions * kWaiting> waiting{};
  std::array<protocol::Fold, kSessions * kChannels> folds{};
  Sessions sessions{slots};
  std::vector<Session*> all;

  std::array<FramePool::Frame, kFrames> frame_slots{};
  std::array<char, kFrames * kFrameBytes> frame_bytes{};
  FramePool frames{frame_slots, frame_bytes};
  std::array<SlotPool<Group>::Slot, 3> group_slots{};
  std::array<telemetry::Subscription::Seen, 3 * kChannels> seen{};
  std::array<Membership, kSessions * 2> memberships{};
  Publisher publisher{context, sessions, frames, {group_slots, seen, memberships}};
  Sender sender{context, frames, publisher};
  std::array<control::QueuedCommand, 3> commands{};
  std::array<control::OutputState, kChannels> outputs{};
  std::array<control::Demand, kChannels> demands{};
  std::array<control::Lease, kChannels> leases{};
  std::array<control::Baton, device::kBatonsMax> batons{};
  control::Controller controller{
      roster, values, {commands, outputs, demands, {leases, batons}}, *this, *this};
  std::vector<control::Progressed> told;
  sim::Store store{faults};
  sim::Entropy entropy{1};
  trust::Tokens tokens;
  LifeCounts life;
  std::array<RememberedAnswer, 12> answer_slots{};
  std::array<std::uint32_t, 12> answer_buckets{};
  AnswerMemory answer_memory{{answer_slots, answer_buckets}};
  TelemetryGate telemetry_gate{context, publisher};
  ControlGate control_gate{context, sessions, controller, answer_memory};
  std::array<Parked, kSessions> parked_slots{};
  People people{context, sessions, publisher, controller.authority()};
  std::array<Instant, kSessions> deadline_places{};
  Deadlines deadlines{deadline_places};
  Returns returns{context, sessions, controller, publisher,   telemetry_gate,
                  people,  tokens,   deadlines,  parked_slots};
  TokenDesk token_desk{context, sessions, frames, returns, tokens, deadlines};
  Login login{context, people, token_desk, tokens, life, {}};
  Router router{context, frames, telemetry_gate, control_gate, people, token_desk, login, returns};
  std::array<char, 2048> into{};
};

}  // namespace signalbox::session
