#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "base/fixed_text.hpp"
#include "base/principal.hpp"
#include "base/result.hpp"
#include "protocol/view.hpp"

namespace signalbox::protocol {

class JsonReader;
class JsonWriter;

/// Asks whom the device takes the sender for.
struct AskWhoAmI {
  static constexpr std::string_view type = "whoami";
};
Result<AskWhoAmI> read_whoami(const JsonReader& payload);

/// Asks for a token for somebody else, who may do no more than the sender. Answered by `token`.
struct IssueToken {
  static constexpr std::string_view type = "issueToken";
  FixedText<31> name;
  Scope scope;
  std::int64_t lifetime_s = 0;
};
Result<IssueToken> read_issue_token(const JsonReader& payload);

/// Asks for the sender's token once more, for as long as it was given out for. Answered by `token`.
struct RefreshToken {
  static constexpr std::string_view type = "refreshToken";
};
Result<RefreshToken> read_refresh_token(const JsonReader& payload);

/// Asks which tokens were given out; answered by `tokens`, a page at a time.
struct AskTokens {
  static constexpr std::string_view type = "tokens";
  std::uint32_t after = 0;  ///< `next` of the page before; 0: from the beginning
};
Result<AskTokens> read_tokens(const JsonReader& payload);

/// A token, or all that a key has signed, is to be worth nothing. Answered by `ack` with outcome `revoked`.
struct RevokeToken {
  static constexpr std::string_view type = "revokeToken";
  std::string_view id;  ///< a token's, or a key's
};
Result<RevokeToken> read_revoke_token(const JsonReader& payload);

/// Asks for something that opens one socket, for tools that can only be given a URL. Answered by `ticket`.
struct AskTicket {
  static constexpr std::string_view type = "ticket";
};
Result<AskTicket> read_ticket(const JsonReader& payload);

/// What the sender showed, and what it allows; rendered from the session's principal.
struct WhoAmI {
  static constexpr std::string_view type = "whoami";
  static constexpr bool is_final = true;
};
void write_payload(JsonWriter& writer, const WhoAmI& whoami, const Principal& principal);

/// A token that was given out. It is shown this once, and must be rendered at once.
struct TokenMade {
  static constexpr std::string_view type = "token";
  static constexpr bool is_final = true;
  const Principal* whose = nullptr;
  std::string_view token;
};
void write_payload(JsonWriter& writer, const TokenMade& made);

struct TicketMade {
  static constexpr std::string_view type = "ticket";
  static constexpr bool is_final = true;
  FixedText<43> ticket;
  std::uint32_t valid_ms = 0;
};
void write_payload(JsonWriter& writer, const TicketMade& made);

/// A token, as administrators see it: all but itself.
struct ListedToken {
  std::uint32_t place = 0;  ///< counts up along the list
  std::string_view kind;    ///< `token`, or what of an issuer is refused: `foreignToken`, `foreignKey`
  std::string_view id;
  std::string_view name;
  std::string_view scope;
  std::int64_t issued_s = 0;
  std::int64_t expires_s = 0;
  bool revoked = false;
};

class TokenList {
 public:
  /// The first one at that place or behind it; none: that was all.
  std::optional<ListedToken> from(std::uint32_t place) const { return do_from(place); }
  /// Of the key that signs them.
  std::string_view key() const { return do_key(); }

 protected:
  ~TokenList() = default;

 private:
  virtual std::optional<ListedToken> do_from(std::uint32_t place) const = 0;
  virtual std::string_view do_key() const = 0;
};

/// The answer to `tokens`; as many as fit.
struct TokenPage {
  static constexpr std::string_view type = "tokens";
  static constexpr bool is_final = true;
  static constexpr bool is_page = true;
  const TokenList* list = nullptr;
  std::uint32_t after = 0;
};
void write_payload(JsonWriter& writer, const TokenPage& page);

/// The member `rights`, shared by `welcome` and `whoami`.
void write_rights(JsonWriter& writer, const Principal& principal);

}  // namespace signalbox::protocol
