#include "protocol/messages/hold.hpp"

#include <array>

#include "protocol/json_reader.hpp"

namespace signalbox::protocol {
namespace {

constexpr std::array<std::string_view, 4> kBatonActions{"take", "request", "grant", "steal"};
constexpr std::int64_t kLeaseMaxMs = 600'000;

}  // namespace

Result<Renew> read_renew(const JsonReader& payload) {
  const Result<std::string_view> channel = payload.text("channel", kPathBytesMax);
  if (!channel) return channel.error();
  if (!is_valid_path(*channel))
    return payload.error(Reason::malformed, "channel",
                         found_instead(*channel, "a path such as cabin/heater"));
  const Result<std::int64_t> lease = payload.integer("leaseMs", 1, kLeaseMaxMs);
  if (!lease) return lease.error();
  return Renew{*channel, static_cast<std::uint32_t>(*lease)};
}

Result<AskBaton> read_baton(const JsonReader& payload) {
  const Result<std::string_view> group = payload.text("group", 31);
  if (!group) return group.error();
  const Result<std::size_t> action = payload.choice("action", kBatonActions);
  if (!action) return action.error();
  return AskBaton{*group, static_cast<AskBaton::Action>(*action)};
}

Result<Stop> read_stop(const JsonReader&) { return Stop{}; }

Result<Reset> read_reset(const JsonReader&) { return Reset{}; }

}  // namespace signalbox::protocol
