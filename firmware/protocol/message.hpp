#pragma once

#include <string_view>
#include <variant>

#include "base/fixed_text.hpp"
#include "base/json_document.hpp"
#include "base/result.hpp"
#include "protocol/messages/acknowledge.hpp"
#include "protocol/messages/answer.hpp"
#include "protocol/messages/authenticate.hpp"
#include "protocol/messages/command.hpp"
#include "protocol/messages/describe.hpp"
#include "protocol/messages/event.hpp"
#include "protocol/messages/history.hpp"
#include "protocol/messages/hold.hpp"
#include "protocol/messages/journal.hpp"
#include "protocol/messages/log.hpp"
#include "protocol/messages/missed.hpp"
#include "protocol/messages/people.hpp"
#include "protocol/messages/ping.hpp"
#include "protocol/messages/reload.hpp"
#include "protocol/messages/resume.hpp"
#include "protocol/messages/subscribe.hpp"
#include "protocol/messages/telemetry.hpp"
#include "protocol/messages/tokens.hpp"

namespace signalbox::protocol {

class JsonReader;
class JsonWriter;

/// Everything a client may ask. A new message is a word here and an overload in `session/router`.
using Request =
    std::variant<Authenticate, Ping, Describe, Subscribe, Unsubscribe, Command, Scene, Renew, AskBaton, Stop,
                 Reset, Resume, AskHistory, ReadJournal, Announce, Join, Leave, AskPresence, Acknowledge,
                 Reload, AskWhoAmI, IssueToken, RefreshToken, AskTokens, RevokeToken, AskTicket, FollowLog>;

/// What an answer carries back.
struct ReplyHeader {
  enum class Id : std::uint8_t {
    none,     ///< nothing was asked, or in a way that expects no answer
    text,     ///< as `reply_to` has it
    number,   ///< `reply_to` has its digits: 7 and "7" are two ids
    unknown,  ///< something was asked, but by which id cannot be told
  };
  /// What kept a message from being read.
  enum class Broken : std::uint8_t { nothing, text, shape };

  ReplyHeader() = default;
  ReplyHeader(std::string_view asked_as, std::string_view trace)
      : reply_to{asked_as}, trace_id{trace}, id{asked_as.empty() ? Id::none : Id::text} {}
  bool has_id() const { return id == Id::text || id == Id::number; }

  FixedText<36> reply_to;  ///< the request's msgId; empty: nothing was asked, or it had none
  FixedText<36> trace_id;  ///< comes back as given
  Id id = Id::none;
  Broken broken = Broken::nothing;  ///< the text was no JSON, or the JSON no request
};

/// Everything told of the session's own: answers and the messages of its life. Rendered when the socket takes
/// it.
using Told =
    std::variant<Ack, Progress, Failure, Pong, Description, Snapshot, Synced, Welcome, Goodbye, HistoryPage,
                 Missed, JournalPage, PresencePage, WhoAmI, TokenMade, TokenPage, TicketMade>;

static_assert(sizeof(Pong) <= sizeof(Failure), "short echoes are kept where errors are");

/// Everything told to many: rendered where it is published.
using Published = std::variant<Telemetry, Event, EventGap, Announcement, LogLine>;

/// The word in `type`, such as `ack`.
std::string_view type_of(const Told& told);
std::string_view type_of(const Published& published);
/// Whether it ends its request. Each type says so by its `is_final`: exactly one such answer leaves for each
/// request, the others come before or after it, or unasked.
bool is_final(const Told& told);
/// Whether it tells as much as fits what it is rendered into, and the rest on another page. Each such type
/// says so by its `is_page`.
bool is_page(const Told& told);
/// Renders the payload of whatever is told. `principal` is nullptr before a credential.
void write_payload(JsonWriter& writer, const Told& told, const Principal* principal, const View& view);
void write_payload(JsonWriter& writer, const Published& published, const View& view);

/// The word of a request's type, as text that stays; empty where there is no such type.
std::string_view request_type_of(std::string_view word);
/// Reads the payload of a request of that type; `unknownType` names the types there are.
Result<Request> read_request(std::string_view type, const JsonReader& payload);

struct Answer {
  ReplyHeader header;
  Told body;
};

/// A request taken apart. The header stands even where the payload is wrong, so that the answer finds its
/// way.
struct Decoded {
  /// `read(document, header, type)` reads the request, and what stands before it as far as it comes.
  template <typename Read>
  Decoded(std::string_view text, Read read) : document{text}, request{read(document, header, type)} {
    if (request) return;
    type = request_type_of(type);
    document = {};  // nothing looks into it
  }
  /// What is wrong before anything can be read.
  explicit Decoded(const Error& error) : request{error} {}

  ReplyHeader header;
  std::string_view type;  ///< what was asked for; where it was refused, empty if there is no such type
  JsonDocument document;  ///< what the request's text views look into, with the message itself
  Result<Request> request;
};

}  // namespace signalbox::protocol
