#pragma once

#include "protocol/dialect.hpp"

namespace signalbox::protocol {

/// `jsonrpc`: JSON-RPC 2.0 without batches. Types are methods, payloads are params, a request's final answer
/// is its response; everything else that is told is a notification:
///
///     {"jsonrpc":"2.0","id":7,"method":"ping","params":{"data":"hello"}}
///     {"jsonrpc":"2.0","id":7,"result":{"type":"pong","deviceTime":1763683200123,…}}
///     {"jsonrpc":"2.0","method":"telemetry","params":{…}}
///
/// What comes without an id has no answer (section 4.1) and is not carried out, but for `stop`.
class JsonRpc final : public Dialect {
 public:
  static constexpr std::string_view kName = "jsonrpc";

 private:
  std::string_view do_name() const override;
  Decoded do_decode(std::string_view text) const override;
  std::string_view do_encode(const Answer& answer, const Principal* principal, const View& view,
                             std::span<char> into) const override;
  std::string_view do_encode(const Published& published, const View& view,
                             std::span<char> into) const override;
};

}  // namespace signalbox::protocol
