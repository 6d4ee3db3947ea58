#include "fuzz/crowd.hpp"

#include <memory>

#include "device/device_file.hpp"
#include "drivers/catalogue.hpp"
#include "fuzz/phrases.hpp"
#include "machine/storage.hpp"

namespace signalbox::fuzz {
namespace {

/// Few places of everything, so that every limit is near.
constexpr Budget kBudget{.sessions_max = 4,
                         .subscriptions_per_session_max = 2,
                         .commands_per_session_max = 2,
                         .answers_per_session_max = 10,
                         .frames_per_session_max = 2,
                         .frames_max = 5,
                         .frame_bytes = 8192,
                         .inboxes_max = 2,
                         .message_bytes_max = 1024,
                         .commands_max = 4,
                         .subscription_groups_max = 4,
                         .events_max = 8,
                         .presence_max = 8,
                         .announcements_max = 5,
                         .log_lines_max = 6,
                         .remembered_answers_max = 16,
                         .journal_records_max = 6,
                         .channels_max = 8,
                         .history_per_channel_max = 16,
                         .parts_max = 8};
constexpr protocol::Limits kLimits{.sessions = kBudget.sessions_max,
                                   .message_bytes = kBudget.message_bytes_max,
                                   .subscriptions = kBudget.subscriptions_per_session_max,
                                   .commands_in_flight = kBudget.commands_per_session_max,
                                   .history_samples = kBudget.history_per_channel_max,
                                   .authenticate_ms = 600,
                                   .heartbeat_ms = 300,
                                   .dead_after_ms = 1000,
                                   .unread_after_ms = 800};

/// What a device keeps that has given out one token, and that token. Making a key takes longer than all the
/// rest.
struct Granted {
  std::string record;
  std::string token;
};
const Granted& granted() {
  static const Granted made = [] {
    sim::Faults no_faults;
    sim::Store store{no_faults};
    sim::Entropy entropy{1};
    trust::Tokens tokens;
    SIGNALBOX_CHECK(tokens.open(store, entropy).has_value());
    const Scope all{Role::admin};
    const auto issued = tokens.issue(Principal{"fuzz", all}, "owner", all, trust::Tokens::kLifetimeMax_s,
                                     {"fuzz", {Crowd::kWall_ms}});
    SIGNALBOX_CHECK(issued.has_value());
    std::array<char, 32'768> record{};
    const Result<std::size_t> size = store.read("tokens", record);
    SIGNALBOX_CHECK(size.has_value());
    return Granted{{record.data(), *size}, std::string{issued->token}};
  }();
  return made;
}

std::string id_text(const JsonValue* id) {
  if (is(id, JsonKind::text)) return std::string{id->text()};
  if (is(id, JsonKind::number)) return '#' + std::to_string(id->number());
  return {};
}

std::string_view text_of(const JsonValue* object, const char* name) {
  const JsonValue* member = object != nullptr ? object->member(name) : nullptr;
  return is(member, JsonKind::text) ? member->text() : std::string_view{};
}

}  // namespace

std::string_view Crowd::token() { return granted().token; }

Crowd::Crowd(Input& input)
    : input_{input}, machine_{machine::Storage<kBudget>::machine(), platform_, tokens_, kLimits, "fuzz"} {
  SIGNALBOX_CHECK(store_.write("tokens", granted().record).has_value());
  SIGNALBOX_CHECK(tokens_.open(store_, entropy_).has_value());
  platform_.poll(now_);
  log_.poll(now_);
  past_log_.poll(now_);
  SIGNALBOX_CHECK(machine_.keep_journal(log_, wall()).has_value());
  SIGNALBOX_CHECK(!device::read_device_file(kDeviceFiles[0], drivers::catalogue(), machine_.roster()));
  machine_.keep_history(past_log_, {from_ms(500), {}}, now_);
  machine_.connect(*this);
  SIGNALBOX_CHECK(machine_.start(now_).has_value());
  pass(from_ms(20));
}

void Crowd::act() {
  Client& client = some_client();
  switch (input_.below(16)) {
    case 0: return connect(client);
    case 1:
    case 2:
    case 3:
    case 4: return ask(client);
    case 5: return say_whole(client, made_up(client));
    case 6: {
      const std::uint8_t flags = input_.byte();
      return say(client, made_up(client), !client.mid_message, (flags & 1U) != 0);
    }
    case 7:
    case 8: return pass(from_ms(1 + input_.byte()));
    case 9: return pass(from_ms(10 * static_cast<std::int64_t>(input_.byte())));
    case 10: client.reads = !client.reads; break;
    case 11: return hang_up(client);
    case 12:
      if (client.state != Client::State::open) break;
      if (input_.below(2) == 0) {
        machine_.door().heard(client.session, now_);
      } else {
        client.closing = true;
        machine_.door().refuse(client.session, 1003, "not text", now_);
      }
      break;
    case 13: return break_something();
    case 14: return input_.below(2) == 0 ? set_clock() : reload();
    case 15: {
      const std::string_view bearer = input_.below(2) == 0 ? std::string_view{granted().token} : "wrong";
      const session::Caller caller{"192.0.2.9", 9, bearer};
      if (input_.below(4) == 0) {
        (void)machine_.door().stop(caller, now_);
      } else if (const auto thing = machine_.door().thing(caller, "wss://h/v1/ws", now_)) {
        SIGNALBOX_CHECK(is_utf8(*thing) && JsonDocument{*thing}.top() != nullptr);
      }
      break;
    }
    default: break;
  }
  pump();
}

void Crowd::connect(Client& client) {
  using State = Client::State;
  const std::uint8_t how = input_.byte();
  if (client.state == State::shaking) {
    client.state = State::open;
    machine_.door().opened(client.session, now_);
    return pump();
  }
  if (client.state != State::away) return;
  client = Client{};
  client.id = static_cast<session::ConnectionId>(&client - clients_.data());
  if ((how & 32U) != 0) return call(client, how);
  const auto names = protocol::dialect_names();
  client.dialect = protocol::find_dialect(names[how % names.size()]);
  session::LifeCounts& life = machine_.door().life();
  life.arrive();
  life.step(session::Phase::tcp, session::Phase::tls);
  std::string_view bearer = granted().token;
  if ((how & 4U) != 0) bearer = {};
  if ((how & 12U) == 12U) bearer = "wrong";
  const Result<Handle> admitted =
      machine_.door().admit({client.id, {"192.0.2.1", 0, bearer}, client.dialect->name()}, now_);
  if (!admitted) {
    life.step(session::Phase::tls, session::Phase::closed);
    return;
  }
  client.session = *admitted;
  client.state = State::shaking;
  if ((how & 16U) != 0) return;  // the socket opens later, or never
  client.state = State::open;
  machine_.door().opened(client.session, now_);
  pump();
}

std::string Crowd::expanded(const Client& client, std::string_view text) const {
  std::string result;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '$' || i + 1 == text.size()) {
      result += text[i];
      continue;
    }
    switch (text[++i]) {
      case 'S': result += client.name; break;
      case 'T': result += client.token; break;
      case 'A': result += granted().token; break;
      case 'O': result += std::to_string(machine_.values().offset()); break;
      case 'W': result += std::to_string(wall().unix_ms); break;
      case 'P': result += std::to_string(wall().unix_ms - 2000); break;
      default: result += text[i];
    }
  }
  return result;
}

/// Text in which every byte that is no ASCII stands for a phrase of the protocol.
std::string Crowd::made_up(const Client& client) {
  const std::string_view code = input_.until('\0');
  std::string text;
  for (const char c : code) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte < 0x80)
      text += c;
    else if (byte == 0xFF)
      text += '\xC3';  // half a character, most often
    else
      text += expanded(client, kPhrases[(byte - 0x80U) % kPhrases.size()]);
  }
  return text;
}

/// A request that is as it should be, most often.
void Crowd::ask(Client& client) {
  if (client.dialect == nullptr) return;
  if (client.is_by_http()) return send_body(client);
  const Phrase& phrase = kRequests[input_.below(kRequests.size())];
  const std::uint8_t how = input_.byte();
  // Another client's session may be asked for.
  const Client& subject = (how & 1U) != 0 ? some_client() : client;
  std::string payload = expanded(subject, phrase.payload);
  if ((how & 2U) != 0) payload.insert(input_.byte() % (payload.size() + 1), made_up(client));
  const bool again = (how & 4U) != 0;
  const std::string id = "c" + std::to_string(again ? said_ : ++said_);
  std::string text;
  if (client.dialect->name() == "signalbox.v1") {
    text =
        R"({"type":")" + std::string{phrase.type} + R"(","msgId":")" + id + R"(","payload":)" + payload + '}';
  } else {
    const std::string quoted = (how & 8U) != 0 ? id.substr(1) : '"' + id + '"';
    text = R"({"jsonrpc":"2.0","id":)" + quoted + R"(,"method":")" + std::string{phrase.type} +
           R"(","params":)" + payload + '}';
  }
  say_whole(client, text);
}

void Crowd::say(Client& client, std::string_view text, bool first, bool last) {
  if (client.is_by_http()) return send_body(client);
  if (client.state != Client::State::open || (first && client.mid_message)) return;
  if (client.paused && client.after_pause == 0) return;
  if (client.paused) --client.after_pause;
  if (!is_utf8(client.sent + std::string{text}) && last) return;  // the link refuses it
  if (first) client.sent.clear();
  client.in_pieces = first ? !last : client.in_pieces;
  client.sent += text;
  client.mid_message = !last;
  if (last && !client.closing) {
    const protocol::Decoded decoded = client.dialect->decode(client.sent);
    const protocol::ReplyHeader& header = decoded.header;
    if (header.has_id()) {
      const bool is_number = header.id == protocol::ReplyHeader::Id::number;
      const std::string id = is_number ? '#' + std::to_string(std::stod(header.reply_to.c_str()))
                                       : std::string{header.reply_to.view()};
      ++(client.in_pieces ? client.perhaps : client.owed)[id];
    }
  }
  const auto reading = machine_.door().received(client.session, text, first, last, now_);
  if (reading == session::Reading::pause && !client.paused) {
    client.paused = true;
    client.after_pause = 2;
  }
  pump();
}

void Crowd::hang_up(Client& client) {
  if (client.state == Client::State::away) return;
  const Handle session = client.session;
  client.state = Client::State::away;
  machine_.door().closed(session, now_);
}

void Crowd::break_something() {
  const bool in_hardware = input_.below(4) != 0;
  const std::size_t which = input_.byte();
  const auto length = from_ms(5 * static_cast<std::int64_t>(input_.byte()));
  const sim::FaultTarget& target =
      in_hardware ? sim::Platform::kFaultTargets[which % sim::Platform::kFaultTargets.size()]
                  : sim::AppendLog::kFaultTargets[which % sim::AppendLog::kFaultTargets.size()];
  if (target.name == "heater" || target.name == "fan") broke_outputs_ = true;
  faults_.add({target.kind, target.name, now_, now_ + length, 1.0});
}

void Crowd::set_clock() {
  constexpr std::array<std::int64_t, 8> kBy_ms{1,      -1,         1000,       -1000,
                                               60'000, -3'600'000, 86'400'000, -400LL * 86'400'000};
  wall_ms_ += kBy_ms[input_.below(kBy_ms.size())];
}

void Crowd::reload() { machine_.ask_reload(); }

void Crowd::pass(Duration time) {
  const Instant until = now_ + time;
  for (int steps = 0;; ++steps) {
    SIGNALBOX_CHECK(steps < 100'000);
    step();
    if (machine_.next() > until) break;
    now_ = std::max(now_, machine_.next());
  }
  now_ = until;
  step();
}

void Crowd::step() {
  clock_.advance_to(now_);
  log_.poll(now_);
  machine_.step(now_, wall());
  if (machine_.wants_device_file())
    machine_.reload(kDeviceFiles[input_.below(kDeviceFiles.size())], drivers::catalogue(), now_);
  pump();
  check_pools();
}

void Crowd::pump() {
  for (Client& client : clients_)
    for (int i = 0; client.state == Client::State::open && client.reads && client.wants_write; ++i) {
      SIGNALBOX_CHECK(i < 10'000);  // there is an end of what it is told
      write(client);
    }
  for (Client& client : clients_)
    if (client.state == Client::State::closing) hang_up(client);
}

void Crowd::write(Client& client) {
  using Kind = session::Outgoing::Kind;
  client.wants_write = false;
  const session::Outgoing outgoing = machine_.door().next(client.session, buffer_, now_);
  client.wants_write |= outgoing.more;
  if (outgoing.kind == Kind::nothing) SIGNALBOX_CHECK(!outgoing.more);
  if (outgoing.kind == Kind::ping || outgoing.kind == Kind::close) SIGNALBOX_CHECK(!client.mid_text);
  if (outgoing.kind == Kind::ping && !client.is_by_http()) machine_.door().heard(client.session, now_);
  if (outgoing.kind == Kind::close) {
    client.closing = true;
    client.state = Client::State::closing;
  }
  if (outgoing.kind != Kind::text) return;
  SIGNALBOX_CHECK(outgoing.first != client.mid_text && !outgoing.bytes.empty());
  SIGNALBOX_CHECK(outgoing.bytes.data() == buffer_.data() && outgoing.bytes.size() <= buffer_.size());
  client.mid_text = !outgoing.last;
  client.heard.append(outgoing.bytes.data(), outgoing.bytes.size());
  if (client.mid_text) return;
  hear(client, client.heard);
  client.heard.clear();
}

/// Every text is JSON; an answer is to something that was asked, and comes once.
void Crowd::hear(Client& client, std::string_view text) {
  SIGNALBOX_CHECK(is_utf8(text));
  if (client.is_by_http()) return hear_by_http(client, text);
  const JsonDocument document{text};
  const JsonValue* top = document.top();
  SIGNALBOX_CHECK(top != nullptr);
  const bool is_envelope = client.dialect->name() == "signalbox.v1";
  std::string id = id_text(top->member(is_envelope ? "replyTo" : "id"));
  const JsonValue* body = top->member(is_envelope ? "payload" : "result");
  const std::string_view type = is_envelope ? text_of(top, "type") : text_of(body, "type");
  const std::string_view name = text_of(body, "session");
  const std::string_view token = text_of(body, "sessionToken");
  if (type == "welcome" || !name.empty()) client.name = name;
  if (!token.empty()) client.token = token;
  if (type == "goodbye" || text_of(top, "method") == "goodbye") client.closing = true;
  const bool is_final = is_envelope ? type != "progress" && type != "missed" && type != "synced"
                                    : top->member("method") == nullptr;
  if (id.empty() || !is_final) return;
  const int asked = (client.owed.contains(id) ? client.owed[id] : 0) +
                    (client.perhaps.contains(id) ? client.perhaps[id] : 0);
  SIGNALBOX_CHECK(++client.answered[id] <= asked);
}

void Crowd::do_want_write(session::ConnectionId id) { clients_[id].wants_write = true; }

void Crowd::do_resume_reading(session::ConnectionId id) { clients_[id].paused = false; }

void Crowd::do_drop(session::ConnectionId id) {
  clients_[id].closing = true;
  clients_[id].state = Client::State::closing;
}

}  // namespace signalbox::fuzz
