#pragma once

#include "protocol/dialect.hpp"

namespace signalbox::protocol {

/// A request of HTTP and its answer: the body is the payload of the final answer, and nothing else is told.
class Http : public Dialect {
 public:
  static constexpr std::string_view kName = "http";

 private:
  std::string_view do_name() const override { return kName; }
  Course do_course() const override { return Course::single; }
  bool do_tells(const Told& told) const override { return is_final(told); }
  Decoded do_decode(std::string_view text) const override;
  std::string_view do_encode(const Answer& answer, const Principal* principal, const View& view,
                             std::span<char> into) const override;
  std::string_view do_encode(const Published& published, const View& view,
                             std::span<char> into) const override;
};

/// The same where the answer is figures, which are no message: `session/vitals` writes them.
class HttpMetrics final : public Http {
 public:
  static constexpr std::string_view kName = "http.metrics";

 private:
  std::string_view do_name() const override { return kName; }
};

/// A subscription, or the log, as server-sent events (HTML Living Standard section 9.2): each message is an
/// event of its type, its data the payload. Those that tell how far the reader has come have the id
/// `epoch:offset`.
class HttpEvents final : public Dialect {
 public:
  static constexpr std::string_view kName = "http.events";

 private:
  std::string_view do_name() const override { return kName; }
  Course do_course() const override { return Course::stream; }
  bool do_tells(const Told& told) const override;
  Decoded do_decode(std::string_view text) const override;
  std::string_view do_encode(const Answer& answer, const Principal* principal, const View& view,
                             std::span<char> into) const override;
  std::string_view do_encode(const Published& published, const View& view,
                             std::span<char> into) const override;
};

}  // namespace signalbox::protocol
