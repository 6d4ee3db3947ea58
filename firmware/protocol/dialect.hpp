#pragma once

#include <span>
#include <string_view>

#include "base/principal.hpp"
#include "protocol/message.hpp"
#include "protocol/view.hpp"

namespace signalbox::protocol {

/// How a session goes that speaks a dialect.
enum class Course : std::uint8_t {
  conversation,  ///< requests and answers, until one side leaves
  stream,        ///< one request, then what it subscribed to
  single,        ///< one request and its final answer
};

/// A way to write the same messages down. Stateless; one object serves all sessions.
class Dialect {
 public:
  /// The token in Sec-WebSocket-Protocol (RFC 6455 section 11.5).
  std::string_view name() const { return do_name(); }
  Course course() const { return do_course(); }
  bool converses() const { return course() == Course::conversation; }
  /// Whether it has words for that. What it has none for is passed over.
  bool tells(const Told& told) const { return do_tells(told); }
  /// Takes a request apart. Text views in the result live as long as it does.
  Decoded decode(std::string_view text) const { return do_decode(text); }
  /// Renders into `into`; the part written, empty where it did not fit. `principal` is nullptr before a
  /// credential.
  std::string_view encode(const Answer& answer, const Principal* principal, const View& view,
                          std::span<char> into) const {
    return do_encode(answer, principal, view, into);
  }
  std::string_view encode(const Published& published, const View& view, std::span<char> into) const {
    return do_encode(published, view, into);
  }

 protected:
  ~Dialect() = default;

 private:
  virtual std::string_view do_name() const = 0;
  virtual Course do_course() const { return Course::conversation; }
  virtual bool do_tells(const Told& /*told*/) const { return true; }
  virtual Decoded do_decode(std::string_view text) const = 0;
  virtual std::string_view do_encode(const Answer& answer, const Principal* principal, const View& view,
                                     std::span<char> into) const = 0;
  virtual std::string_view do_encode(const Published& published, const View& view,
                                     std::span<char> into) const = 0;
};

/// `signalbox.v1`, the default: the envelope `{type, msgId, timestamp, payload}`.
const Dialect& envelope();

/// The dialect of that name, or nullptr; also those that are no sub-protocols: of a route of HTTP each.
const Dialect* find_dialect(std::string_view name);
/// The sub-protocols that are spoken, the default first.
std::span<const std::string_view> dialect_names();

}  // namespace signalbox::protocol
