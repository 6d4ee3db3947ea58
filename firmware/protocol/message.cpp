#include "protocol/message.hpp"

#include <array>
#include <utility>

#include "protocol/json_reader.hpp"
#include "protocol/json_writer.hpp"

namespace signalbox::protocol {
namespace {

struct RequestType {
  std::string_view name;
  Result<Request> (*read)(const JsonReader& payload);
};

template <typename T, Result<T> (*kRead)(const JsonReader&)>
constexpr RequestType request_type() {
  return {T::type, [](const JsonReader& payload) -> Result<Request> {
            const Result<T> request = kRead(payload);
            if (!request) return request.error();
            return *request;
          }};
}

constexpr std::array kRequestTypes{
    request_type<Acknowledge, read_acknowledge>(),
    request_type<Announce, read_announce>(),
    request_type<Authenticate, read_authenticate>(),
    request_type<AskBaton, read_baton>(),
    request_type<Command, read_command>(),
    request_type<Describe, read_describe>(),
    request_type<AskHistory, read_history>(),
    request_type<IssueToken, read_issue_token>(),
    request_type<Join, read_join>(),
    request_type<ReadJournal, read_journal>(),
    request_type<Leave, read_leave>(),
    request_type<FollowLog, read_follow_log>(),
    request_type<Ping, read_ping>(),
    request_type<AskPresence, read_presence>(),
    request_type<RefreshToken, read_refresh_token>(),
    request_type<Reload, read_reload>(),
    request_type<Renew, read_renew>(),
    request_type<Reset, read_reset>(),
    request_type<Resume, read_resume>(),
    request_type<RevokeToken, read_revoke_token>(),
    request_type<Scene, read_scene>(),
    request_type<Stop, read_stop>(),
    request_type<Subscribe, read_subscribe>(),
    request_type<AskTicket, read_ticket>(),
    request_type<AskTokens, read_tokens>(),
    request_type<Unsubscribe, read_unsubscribe>(),
    request_type<AskWhoAmI, read_whoami>(),
};
static_assert(kRequestTypes.size() == std::variant_size_v<Request>);

constexpr auto kRequestNames = [] {
  std::array<std::string_view, kRequestTypes.size()> names;
  for (std::size_t i = 0; i < names.size(); ++i) names[i] = kRequestTypes[i].name;
  return names;
}();

/// Gives each `write_payload` what it takes.
struct PayloadWriter {
  JsonWriter& writer;
  const Principal* principal;
  const View& view;

  void operator()(const Ack& ack) const { write_payload(writer, ack); }
  void operator()(const Progress& progress) const { write_payload(writer, progress); }
  void operator()(const Failure& failure) const { write_payload(writer, failure, view); }
  void operator()(const Pong& pong) const { write_payload(writer, pong, view); }
  void operator()(const Snapshot& snapshot) const { write_payload(writer, snapshot, view); }
  void operator()(const HistoryPage& page) const { write_payload(writer, page, view); }
  void operator()(const Missed& missed) const { write_payload(writer, missed, view); }
  void operator()(const Synced& synced) const { write_payload(writer, synced, view); }
  void operator()(const Welcome& welcome) const { write_payload(writer, welcome, principal, view); }
  void operator()(const Goodbye& goodbye) const { write_payload(writer, goodbye); }
  void operator()(const TokenMade& made) const { write_payload(writer, made); }
  void operator()(const TokenPage& page) const { write_payload(writer, page); }
  void operator()(const TicketMade& made) const { write_payload(writer, made); }
  void operator()(const WhoAmI& whoami) const {
    write_payload(writer, whoami, principal != nullptr ? *principal : Principal{});
  }
  void operator()(const JournalPage& page) const {
    write_payload(writer, page, principal != nullptr ? *principal : Principal{}, view);
  }
  void operator()(const PresencePage& page) const {
    write_payload(writer, page, principal != nullptr ? *principal : Principal{}, view);
  }
  void operator()(const Description& description) const {
    write_payload(writer, description, principal != nullptr ? *principal : Principal{}, view);
  }
};

}  // namespace

std::string_view type_of(const Told& told) {
  return std::visit([](const auto& body) { return std::remove_cvref_t<decltype(body)>::type; }, told);
}

std::string_view type_of(const Published& published) {
  return std::visit([](const auto& body) { return std::remove_cvref_t<decltype(body)>::type; }, published);
}

bool is_final(const Told& told) {
  return std::visit([](const auto& body) { return std::remove_cvref_t<decltype(body)>::is_final; }, told);
}

bool is_page(const Told& told) {
  return std::visit(
      [](const auto& body) {
        return requires { std::remove_cvref_t<decltype(body)>::is_page; };
      },
      told);
}

void write_payload(JsonWriter& writer, const Told& told, const Principal* principal, const View& view) {
  std::visit(PayloadWriter{writer, principal, view}, told);
}

void write_payload(JsonWriter& writer, const Published& published, const View& view) {
  std::visit([&](const auto& body) { write_payload(writer, body, view); }, published);
}

std::string_view request_type_of(std::string_view word) {
  for (const std::string_view known : kRequestNames)
    if (known == word) return known;
  return {};
}

Result<Request> read_request(std::string_view type, const JsonReader& payload) {
  for (const RequestType& known : kRequestTypes)
    if (known.name == type) return known.read(payload);
  return Error{
      .reason = Reason::unknown_type, .detail = found_instead(type, one_of(kRequestNames)), .field = "type"};
}

}  // namespace signalbox::protocol
