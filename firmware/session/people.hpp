#pragma once

#include <array>
#include <cstdint>
#include <optional>

#include "control/authority.hpp"
#include "protocol/messages/people.hpp"
#include "session/context.hpp"
#include "session/exchange.hpp"
#include "session/publisher.hpp"

namespace signalbox::session {

/// What sessions have to do with each other: who is there, groups, announcements.
class People final : public protocol::Attendance {
 public:
  /// Different groups on the device; one for each bit.
  static constexpr std::size_t kGroupsMax = 32;

  People(const Context& context, Sessions& sessions, Publisher& publisher,
         const control::Authority& authority)
      : context_{context}, sessions_{sessions}, publisher_{publisher}, authority_{authority} {}

  void serve(const Exchange& exchange, const protocol::Announce& asked);
  void serve(const Exchange& exchange, const protocol::Join& asked);
  void serve(const Exchange& exchange, const protocol::Leave& asked);
  void serve(const Exchange& exchange, const protocol::AskPresence& asked);

  /// The session has shown a credential: it is told what is new from here on, and others of it.
  void arrived(Session& session, Instant now);
  /// It goes on where an earlier one stopped, in the same groups; with the offset that one was told last, it
  /// is told what was announced since.
  void returned(Session& session, std::uint32_t groups, std::optional<std::uint64_t> after, Instant now);
  /// It is gone; its groups are kept for its return.
  void left(const Session& session, Instant now);
  /// Nobody returns to these groups any more.
  void release(std::uint32_t groups);

 private:
  struct Group {
    protocol::GroupName name;
    std::uint32_t members = 0;  ///< 0: the place is free
    std::uint64_t since = 0;    ///< the first announcement that can have been for it
  };

  std::optional<protocol::Attendee> do_from(std::uint32_t place) const override;
  std::string_view do_group(std::size_t n) const override { return groups_[n].name; }

  std::uint32_t find_group(std::string_view name) const;
  std::uint32_t make_group(std::string_view name);
  std::uint32_t audience(const Session& from, const protocol::Audience& to) const;
  void tell(const Session& session, std::string_view name, Instant now, std::string_view group = {});

  const Context& context_;
  Sessions& sessions_;
  Publisher& publisher_;
  const control::Authority& authority_;
  std::array<Group, kGroupsMax> groups_{};
};

}  // namespace signalbox::session
