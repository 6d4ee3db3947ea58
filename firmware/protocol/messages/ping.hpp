#pragma once

#include <optional>
#include <string_view>

#include "base/fixed_text.hpp"
#include "base/result.hpp"
#include "protocol/view.hpp"

namespace signalbox::protocol {

class JsonReader;
class JsonWriter;

/// Longest `data`, in bytes.
inline constexpr std::size_t kPingBytesMax = 4096;

/// Asks for a `pong`; browsers cannot see WebSocket pings.
struct Ping {
  static constexpr std::string_view type = "ping";
  std::optional<std::string_view> data;  ///< comes back unchanged, also where it is empty
};
Result<Ping> read_ping(const JsonReader& payload);

/// Its data: copied where it is short, else still in the request, so that it must be rendered at once.
class Pong {
 public:
  static constexpr std::string_view type = "pong";
  static constexpr bool is_final = true;
  static constexpr std::size_t kCopiedBytesMax = 127;

  Pong() = default;
  explicit Pong(std::optional<std::string_view> data) : has_data_{data.has_value()} {
    if (!data) return;
    if (data->size() <= kCopiedBytesMax)
      copy_.assign(*data);
    else
      in_request_ = *data;
  }
  bool has_data() const { return has_data_; }
  std::string_view data() const { return in_request_.empty() ? copy_.view() : in_request_; }
  bool outlives_request() const { return in_request_.empty(); }

 private:
  FixedText<kCopiedBytesMax> copy_;
  std::string_view in_request_{};
  bool has_data_ = false;
};
/// Payload: `deviceTime` (Unix ms), `uptimeMs` (monotonic), `data` where given.
void write_payload(JsonWriter& writer, const Pong& pong, const View& view);

}  // namespace signalbox::protocol
