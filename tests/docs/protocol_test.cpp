// Runs every example of docs/PROTOCOL.md and holds its tables against the code.
#include <array>
#include <filesystem>
#include <fstream>
#include <gtest/gtest.h>
#include <map>
#include <regex>
#include <sstream>
#include <string>
#include <vector>

#include "firmware/journal/record.hpp"
#include "firmware/protocol/cabin.hpp"
#include "firmware/protocol/every_message.hpp"
#include "firmware/protocol/tree.hpp"

namespace signalbox::protocol {
namespace {

/// A fenced block: the words after ```json, and its text.
struct Example {
  std::string label;
  std::string text;
};

std::string document() {
  const std::ifstream file{SIGNALBOX_SOURCE_DIR "/docs/PROTOCOL.md"};
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

std::vector<Example> examples() {
  std::vector<Example> found;
  std::istringstream lines{document()};
  bool inside = false;
  for (std::string line; std::getline(lines, line);) {
    if (inside && line == "```") {
      inside = false;
      found.back().text.pop_back();
    } else if (inside) {
      found.back().text += line + "\n";
    } else if (line.starts_with("```json")) {
      inside = true;
      found.push_back({line.substr(std::min(line.size(), std::string{"```json "}.size())), {}});
    }
  }
  EXPECT_FALSE(inside) << "the last example has no end";
  return found;
}

/// Stands before the words of an example in that dialect.
const std::string kJsonRpc = "jsonrpc ";

/// The device all examples are of.
class DocumentTest : public testing::Test {
 protected:
  DocumentTest() {
    cabin.put(Cabin::fan, 20.0);
    add("welcome", "", Welcome{"0-1"});
    add("authenticated", "c-1", Ack{Ack::Outcome::authenticated});
    add("pong", "c-2", Pong{"42"});
    add("goodbye", "", Goodbye{"the device restarts", 2000});
    add("description", "c-3", Description{"cabin/fan"});
    Snapshot snapshot{"cabin", {}};
    snapshot.channels.set(Cabin::temperature).set(Cabin::mode);
    add("snapshot", "c-4", snapshot);
    add("synced", "c-4", Synced{"cabin", 5});
    add("unsubscribed", "c-6", Ack{Ack::Outcome::unsubscribed});
    add("progress", "c-7", Progress{Rung::applied});
    add("verified", "c-7", Ack{Ack::Outcome::verified});
    add("error", "c-9",
        Failure{{Reason::busy, "as many commands are in flight as this session may have", {}, 100}});
    Failure scene{{Reason::interlocked, "cabin/mode must be off"}};
    scene.refused[scene.refused_count++] = {Cabin::fan, Reason::interlocked};
    add("refused-scene", "c-15", scene);
    add("renewed", "c-16", Ack{Ack::Outcome::renewed});
    add("requested", "c-17", Ack{Ack::Outcome::requested});
    add("reset", "c-19", Ack{Ack::Outcome::reset});
    Ack resumed{Ack::Outcome::resumed};
    resumed.subscriptions = 2;
    add("resumed", "c-21", resumed);
    add("whoami", "c-60", WhoAmI{});
    add("token", "c-61", example<TokenMade>());
    add("tokens", "c-63", example<TokenPage>());
    add("revoked", "c-64", Ack{Ack::Outcome::revoked});
    add("ticket", "c-65", example<TicketMade>());
    add("reloaded", "c-50", Ack{Ack::Outcome::reloaded});
    add("wrong file", "c-51",
        Failure{{Reason::malformed,
                 "line 12, parts[1].channels.state.safe: found \"on\"; expected true or false"}});
    talk();
    tell_events();
    rendered["eventGap"] = cabin.encode(EventGap{12, 40});
    happen();
    add("journal", "j-1", JournalPage{{.after = 16, .max = 3}});
    add("following", "g-1", Ack{Ack::Outcome::following});
    rendered["logLine"] =
        cabin.encode(LogLine{.offset = 41,
                             .at = cabin.now,
                             .severity = Severity::warning,
                             .text = "too many wrong tokens from 192.0.2.7: its logins are slowed"});
    add("dead letters", "j-2", JournalPage{{.channel = "cabin/#", .failed_only = true}});
    Telemetry telemetry;
    telemetry.channels.set(Cabin::temperature).set(Cabin::heater);
    rendered["telemetry"] = cabin.encode(Published{telemetry});
    const std::array<Fold, 2> folds{Fold{20.25, 21.75, 7, 7}, Fold{0, 1, 2, 2}};
    telemetry.folds = folds;
    rendered["folded"] = cabin.encode(Published{telemetry});
    ReplyHeader seven{"7", "t-1"};
    seven.id = ReplyHeader::Id::number;
    add_jsonrpc("pong", seven, Pong{"hello"});
    add_jsonrpc("progress", {"c-7", {}}, Progress{Rung::applied});
    add_jsonrpc("verified", {"c-7", {}}, Ack{Ack::Outcome::verified});
    add_jsonrpc("goodbye", {}, Goodbye{"the device restarts", 2000});
    add_jsonrpc("stopped", {}, Ack{Ack::Outcome::stopped});
    add_jsonrpc(
        "error", {"c-9", {}},
        Failure{{Reason::not_found, "there is no such channel; describe lists them", "payload.channel"}});
    tell_the_past();
  }

  /// Between people.
  void talk() {
    Ack announced{Ack::Outcome::announced};
    announced.reached = 2;
    add("announced", "c-40", announced);
    Announcement announcement = example<Announcement>();
    announcement.at = cabin.now;
    announcement.text = "Heater under repair until six";
    announcement.data = "cabin/heater";
    rendered["announcement"] = cabin.encode(announcement);
    add("joined", "c-41", Ack{Ack::Outcome::joined});
    add("left", "c-42", Ack{Ack::Outcome::left});
    add("presence", "c-43", example<PresencePage>());
  }
  void tell_events() {
    Event event{.offset = 6,
                .at = cabin.now - from_ms(500),
                .name = "actuated",
                .severity = Severity::warning,
                .channel = Cabin::heater,
                .cause = "leaseEnded"};
    event.by = "ann";
    event.session = "3-1";
    event.before = true;
    event.after = false;
    rendered["event"] = cabin.encode(event);
    Event alarm{.offset = 6,
                .at = cabin.now - from_ms(1000),
                .name = "alarmRaised",
                .severity = Severity::warning,
                .channel = Cabin::temperature,
                .alarm = "tooWarm"};
    alarm.after = 21.5;
    alarm.quality = device::Quality::good;
    rendered["alarm"] = cabin.encode(alarm);
    add("acknowledged", "c-22", Ack{Ack::Outcome::acknowledged});
  }
  /// The heater has moved more often than its ring has places.
  void tell_the_past() {
    cabin.put(Cabin::temperature, 22.5);
    for (int i = 0; i < 9; ++i) cabin.put(Cabin::heater, i % 2 == 0);
    const device::ChannelSet both(0b00011);
    add("missed", "c-30", Missed{"cabin", {.channels = both, .after = 2, .until = 15}, 8});
    add("recovered", "c-30", Snapshot{"cabin", both, false});
    HistoryPage page{.channels = 1U << Cabin::temperature, .query = {}};
    page.query.from_ms = Cabin::kUnixMs - 1123;
    page.query.to_ms = Cabin::kUnixMs + 877;
    page.query.cursor.started_ms = cabin.clock.label(Instant{}).unix_ms;
    add("history", "c-31", page);
    page.channels = both;
    page.query.step_ms = 500;
    std::array<char, 900> one_series{};
    rendered["steps"] = envelope().encode(Answer{{"c-32", {}}, page}, nullptr, cabin.view(), one_series);
  }
  /// What the device's journal tells of.
  void happen() {
    using journal::Record;
    const std::int64_t at_ms = Cabin::kUnixMs;
    for (int i = 0; i < 16; ++i) cabin.journal.append({.channel = "cabin/note", .outcome = "applied"});
    cabin.journal.append({.at_ms = at_ms - 9000,
                          .kind = Record::Kind::gap,
                          .detail = "cut off: records of the last 1000 ms may be missing"});
    cabin.journal.append(
        {.at_ms = at_ms - 9000, .kind = Record::Kind::started, .epoch = "e7f3", .detail = "signalbox 0.1.0"});
    Record moved = journal::heated();
    moved.at_ms = at_ms - 1000;
    moved.trace_id = "t-1";
    cabin.journal.append(moved);
    moved.trace_id = {};
    moved.before = "true";
    moved.after = "false";
    moved.latency_ms = 1500;
    moved.outcome = "expired";
    cabin.journal.append(moved);
  }
  void add(const std::string& name, std::string_view reply_to, const Told& told) {
    rendered[name] = encode({reply_to, {}}, told);
  }
  void add_jsonrpc(const std::string& name, const ReplyHeader& header, const Told& told) {
    rendered[kJsonRpc + name] = encode(header, told, *find_dialect("jsonrpc"));
  }
  std::string encode(const ReplyHeader& header, const Told& told, const Dialect& dialect = envelope()) const {
    std::array<char, 8192> buffer{};
    return std::string{dialect.encode(Answer{header, told}, &cabin.principal, cabin.view(), buffer)};
  }

  Cabin cabin;
  std::map<std::string, std::string> rendered;  ///< by the word after `answer`
};

TEST_F(DocumentTest, RequestsAreTaken) {
  std::array<bool, std::variant_size_v<Request>> shown_types{};
  for (const Example& example : examples()) {
    if (example.label != "request") continue;
    const Decoded decoded = envelope().decode(example.text);
    ASSERT_TRUE(decoded.request.has_value()) << example.text << decoded.request.error().detail.view();
    EXPECT_FALSE(decoded.header.reply_to.empty()) << example.text;
    shown_types[decoded.request->index()] = true;
  }
  for (const Example& example : examples()) {
    if (example.label != kJsonRpc + "request") continue;
    const Decoded decoded = find_dialect("jsonrpc")->decode(example.text);
    EXPECT_TRUE(decoded.request.has_value()) << example.text;
  }
  for (std::size_t i = 0; i < shown_types.size(); ++i)
    EXPECT_TRUE(shown_types[i]) << "no example of request " << i;
}

TEST_F(DocumentTest, RefusedRequestsGetTheAnswerBelowThem) {
  const std::vector<Example> all = examples();
  int refused = 0;
  for (std::size_t i = 0; i + 1 < all.size(); ++i) {
    const bool is_jsonrpc = all[i].label == kJsonRpc + "refused";
    if (all[i].label != "refused" && !is_jsonrpc) continue;
    ++refused;
    ASSERT_EQ(all[i + 1].label, "answer it") << all[i].text;
    const Dialect& dialect = is_jsonrpc ? *find_dialect("jsonrpc") : envelope();
    const Decoded decoded = dialect.decode(all[i].text);
    ASSERT_FALSE(decoded.request.has_value()) << all[i].text;
    EXPECT_EQ(shown(parse(all[i + 1].text).get()),
              encode(decoded.header, Failure{decoded.request.error()}, dialect));
  }
  EXPECT_GE(refused, 10);
}

TEST_F(DocumentTest, AnswersAreWhatIsRendered) {
  std::map<std::string, std::string> missing = rendered;
  for (const Example& example : examples()) {
    if (!example.label.starts_with("answer ") || example.label == "answer it") continue;
    const std::string name = example.label.substr(7);
    ASSERT_TRUE(rendered.contains(name)) << "the test does not know the answer " << name;
    EXPECT_EQ(shown(parse(example.text).get()), shown(parse(rendered[name]).get())) << name;
    missing.erase(name);
  }
  EXPECT_TRUE(missing.empty()) << "no example of " << missing.begin()->first;
}

TEST_F(DocumentTest, ExamplesAreAllOfAKnownKind) {
  for (const Example& example : examples())
    EXPECT_TRUE(example.label == "request" || example.label == kJsonRpc + "request" ||
                example.label == "refused" || example.label == kJsonRpc + "refused" ||
                example.label.starts_with("answer "))
        << example.label;
}

TEST_F(DocumentTest, EveryReasonStandsInTheTable) {
  const std::string text = document();
  for (std::size_t i = 0; i < kReasons; ++i) {
    const auto reason = static_cast<Reason>(i);
    const std::string row = "| `" + std::string{wire_name(reason)} + "` | " +
                            std::to_string(code_of(reason)) + " | " + (is_temporary(reason) ? "yes" : "no") +
                            " | ";
    EXPECT_NE(text.find(row), std::string::npos) << row;
  }
}

void names_of(const JsonDocument& document, std::map<std::string, int>& names) {
  for (const JsonValue& value : document.values()) {
    if (value.kind() != JsonKind::object) continue;
    for (const JsonValue* name = value.first(); name != value.behind(); name = name[1].behind())
      ++names[std::string{name->text()}];
  }
}

TEST_F(DocumentTest, EveryMemberIsExplained) {
  std::map<std::string, int> names;
  for (const auto& [name, text] : rendered) names_of(parse(text).document(), names);
  names_of(parse(cabin.encode(Description{}, &cabin.principal)).document(), names);
  EXPECT_GT(names.size(), 50U);
  const std::string text = document();
  const auto has = [&text](const std::string& mention) { return text.find(mention) != std::string::npos; };
  // In a table (`name`, `output.name`) or as a member of a small object (`{name, name?}`).
  for (const auto& [name, count] : names)
    EXPECT_TRUE(has("`" + name) || has("." + name + "`") || has("{" + name) || has(", " + name + "?"))
        << name << " is sent but not explained";
}

/// What stands in the tests and in the storm.
std::string text_of_tests() {
  std::ostringstream all;
  for (const char* folder : {"/tests/firmware", "/tests/e2e", "/sim/storm"})
    for (const auto& file :
         std::filesystem::recursive_directory_iterator{std::string{SIGNALBOX_SOURCE_DIR} + folder}) {
      if (file.path().extension() != ".cpp" && file.path().extension() != ".py") continue;
      all << std::ifstream{file.path()}.rdbuf();
    }
  return std::move(all).str();
}

TEST_F(DocumentTest, EveryPromiseHasItsProof) {
  const std::string text = document();
  const std::string table = text.substr(text.find("## Promises and their proofs"));
  const std::string tests = text_of_tests();
  const std::regex quoted{"`([A-Za-z_ ]+)`"};
  int promises = 0;
  std::istringstream lines{table};
  for (std::string line; std::getline(lines, line);) {
    const std::size_t proofs = line.rfind(" | ");
    if (!line.starts_with("| ") || line.starts_with("| promise") || proofs == std::string::npos) continue;
    ++promises;
    const std::string right = line.substr(proofs);
    for (std::sregex_iterator name{right.begin(), right.end(), quoted}, end; name != end; ++name)
      EXPECT_NE(tests.find((*name)[1].str()), std::string::npos) << (*name)[1] << " is no test";
  }
  EXPECT_GE(promises, 15);
}

}  // namespace
}  // namespace signalbox::protocol
