#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "base/result.hpp"
#include "device/channel.hpp"
#include "protocol/view.hpp"

namespace signalbox::protocol {

class JsonReader;
class JsonWriter;

/// A group of sessions, by the name they gave it.
using GroupName = FixedText<31>;
inline constexpr std::size_t kAnnouncementBytesMax = 255;

/// Whom an announcement is for.
struct Audience {
  enum class Kind : std::uint8_t { all, group, session };
  Kind kind = Kind::all;
  GroupName name{};          ///< the group's, or the session's
  std::uint32_t groups = 0;  ///< once it is known: the bit of the group, as in `Attendee`
};

/// Tells other sessions something. Answered by `ack` with outcome `announced`.
struct Announce {
  static constexpr std::string_view type = "announce";
  Audience to;
  std::string_view text;  ///< for people; 1 to kAnnouncementBytesMax bytes
  std::string_view data;  ///< for programs; 0 to kAnnouncementBytesMax bytes
};
Result<Announce> read_announce(const JsonReader& payload);

struct Join {
  static constexpr std::string_view type = "join";
  GroupName group;
};
Result<Join> read_join(const JsonReader& payload);

struct Leave {
  static constexpr std::string_view type = "leave";
  GroupName group;
};
Result<Leave> read_leave(const JsonReader& payload);

/// Asks who is there; answered by `presence`, a page at a time.
struct AskPresence {
  static constexpr std::string_view type = "presence";
  std::uint32_t after = 0;  ///< `next` of the page before; 0: from the beginning
};
Result<AskPresence> read_presence(const JsonReader& payload);

/// What somebody announced.
struct Announcement {
  static constexpr std::string_view type = "announcement";
  std::uint64_t offset = 0;  ///< of the device's one counter
  Instant at{};
  FixedText<31> by{};        ///< the principal's name
  FixedText<23> session{};   ///< theirs
  std::uint64_t sender = 0;  ///< the same over reconnects; not told
  Audience to{};
  FixedText<kAnnouncementBytesMax> text{};
  FixedText<kAnnouncementBytesMax> data{};
};
void write_payload(JsonWriter& writer, const Announcement& announcement, const View& view);

/// A session, as others may see it.
struct Attendee {
  std::uint32_t place = 0;  ///< counts up along the list
  FixedText<23> session{};
  FixedText<31> name{};  ///< the principal's
  Role role{};
  FixedText<45> peer{};  ///< address; told to administrators only
  Instant since{};
  std::uint32_t groups = 0;  ///< bit n: the group `Attendance::group(n)`
  std::uint32_t subscriptions = 0;
  std::uint64_t folded = 0;     ///< samples that were folded for it because it was late
  std::uint32_t batons = 0;     ///< bit n: it has the roster's baton n
  device::ChannelSet leases{};  ///< outputs it holds
};

/// Everybody who is there and has shown a credential.
class Attendance {
 public:
  /// The first one at that place or behind it; none: that was all.
  std::optional<Attendee> from(std::uint32_t place) const { return do_from(place); }
  /// The name of the n-th group.
  std::string_view group(std::size_t n) const { return do_group(n); }

 protected:
  ~Attendance() = default;

 private:
  virtual std::optional<Attendee> do_from(std::uint32_t place) const = 0;
  virtual std::string_view do_group(std::size_t n) const = 0;
};

/// The answer to `presence`; as many sessions as fit.
struct PresencePage {
  static constexpr std::string_view type = "presence";
  static constexpr bool is_final = true;
  static constexpr bool is_page = true;
  const Attendance* attendance = nullptr;
  std::uint32_t after = 0;
};
void write_payload(JsonWriter& writer, const PresencePage& page, const Principal& principal,
                   const View& view);

}  // namespace signalbox::protocol
