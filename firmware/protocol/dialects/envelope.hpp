#pragma once

#include "protocol/dialect.hpp"

namespace signalbox::protocol {

/// `signalbox.v1`: `{"type":"ping","msgId":"c-17","timestamp":1763683200123,"payload":{}}`; an answer carries
/// `"replyTo":"c-17"` in place of `msgId`.
class Envelope final : public Dialect {
 public:
  static constexpr std::string_view kName = "signalbox.v1";

 private:
  std::string_view do_name() const override;
  Decoded do_decode(std::string_view text) const override;
  std::string_view do_encode(const Answer& answer, const Principal* principal, const View& view,
                             std::span<char> into) const override;
  std::string_view do_encode(const Published& published, const View& view,
                             std::span<char> into) const override;
};

}  // namespace signalbox::protocol
