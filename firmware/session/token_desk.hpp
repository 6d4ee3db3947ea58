#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string_view>
#include <utility>
#include <variant>

#include "base/ring.hpp"
#include "protocol/messages/tokens.hpp"
#include "session/answer_memory.hpp"
#include "session/context.hpp"
#include "session/deadlines.hpp"
#include "session/door.hpp"
#include "session/exchange.hpp"
#include "session/frame_pool.hpp"
#include "session/prompt_answer.hpp"
#include "session/returns.hpp"
#include "trust/tokens.hpp"

namespace signalbox::session {

/// Gives out tokens and revokes them, and ends the sessions of those whose credential is void. A change is
/// answered only once it is saved. While one is being saved, further requests wait here; then they are
/// carried out and saved together.
class TokenDesk final : public protocol::TokenList {
 public:
  /// Changes that may wait to be saved at a time, at most one of each session.
  static constexpr std::size_t kChangesMax = 16;
  /// What their places take.
  static constexpr std::size_t changes_bytes() { return kChangesMax * sizeof(Change); }

  TokenDesk(const Context& context, Sessions& sessions, FramePool& frames, Returns& returns,
            trust::Tokens& tokens, Deadlines& deadlines)
      : context_{context},
        sessions_{sessions},
        frames_{frames},
        returns_{returns},
        tokens_{tokens},
        deadlines_{deadlines} {}
  TokenDesk(const TokenDesk&) = delete;
  TokenDesk& operator=(const TokenDesk&) = delete;

  /// The wire that tells those who wait. To be set before the first request.
  void connect(Wire& wire) { wire_ = &wire; }

  void serve(const Exchange& exchange, const protocol::AskWhoAmI& asked);
  void serve(const Exchange& exchange, const protocol::IssueToken& asked) { take(exchange, asked); }
  void serve(const Exchange& exchange, const protocol::RefreshToken& asked) { take(exchange, asked); }
  void serve(const Exchange& exchange, const protocol::AskTokens& asked);
  void serve(const Exchange& exchange, const protocol::RevokeToken& asked);
  void serve(const Exchange& exchange, const protocol::AskTicket& asked);

  /// As `Door::claim`.
  Result<void> claim(ConnectionId connection, const Caller& caller, std::string_view body, Instant now);

  /// Saves what was changed, and tells those who wait how that ended; when it wants to be called again.
  Instant step(Instant now);
  /// Whether somebody's change is not saved yet.
  bool is_busy() const { return !changes_.empty(); }
  /// Frames with answers that wait.
  std::size_t frames_held() const;

  /// Closes a session whose credential is void, and makes safe what it held: nobody returns to it.
  void dismiss(Session& session, std::string_view why, Instant now);
  /// The same for whoever that certificate let in, be they away; their tickets open nothing.
  void dismiss_certified(std::string_view certificate, Instant now);

 private:
  struct Claim {
    ConnectionId connection = 0;
    FixedText<31> code;
    FixedText<31> name;
  };
  struct Revocation {
    decltype(trust::Grant::id) id;
  };
  using Wish = std::variant<protocol::IssueToken, protocol::RefreshToken, Revocation, Claim>;
  /// What somebody wants to be changed.
  struct Change {
    enum class Stage : std::uint8_t {
      asked,
      made,  ///< in memory; `answer` is given once it is saved
      over,
    };
    Stage stage = Stage::asked;
    Wish wish{};
    Waiter waiter{};  ///< nobody's where it is a claim
    /// Who asks, as the journal has it.
    FixedText<31> by{};
    FixedText<23> session{};
    FixedText<45> peer{};
    FixedText<36> trace_id{};
    FixedText<95> detail{};
    Principal who{};       ///< who asks
    bool lets_in = false;  ///< `who` is who they are once it is saved
    FrameId answer = kNoFrame;
    bool is_answered = false;
  };

  void take(const Exchange& exchange, const Wish& wish);
  void add(const Change& change, Instant now);
  void carry_out_all(Instant now);
  void carry_out(Change& change, Instant now);
  Result<void> make(Change& change, const protocol::IssueToken& asked, PromptAnswer* prompt, Instant now);
  Result<void> make(Change& change, const protocol::RefreshToken& asked, PromptAnswer* prompt, Instant now);
  Result<void> make(Change& change, const Revocation& asked, PromptAnswer* prompt, Instant now);
  Result<void> make(Change& change, const Claim& asked, PromptAnswer* prompt, Instant now);
  void write(Change& change, PromptAnswer* prompt, const protocol::Told& told);
  void settle(const Result<void>& saved, Instant now);
  void saved(Change& change, Instant now);
  void answer(Change& change);
  void fail(Change& change, const Error& error);
  void drop_over();

  std::optional<protocol::ListedToken> do_from(std::uint32_t place) const override;
  std::string_view do_key() const override { return tokens_.key_id(); }

  const Principal* find_foreign(std::string_view id);
  template <typename IsVoid>
  void dismiss_if(IsVoid&& is_void, std::string_view why, Instant now);
  void dismiss_revoked(Instant now);
  void note(journal::Record::Kind kind, const Change& change, Instant now) const;
  void tell(std::string_view name, Severity severity, std::string_view by, std::string_view session,
            Instant now);

  const Context& context_;
  Sessions& sessions_;
  FramePool& frames_;
  Returns& returns_;
  trust::Tokens& tokens_;
  Deadlines& deadlines_;
  Wire* wire_ = nullptr;
  std::array<Change, kChangesMax> memory_{};
  Ring<Change> changes_{memory_};
};

}  // namespace signalbox::session
