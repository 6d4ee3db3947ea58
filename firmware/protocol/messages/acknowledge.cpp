#include "protocol/messages/acknowledge.hpp"

#include "protocol/json_reader.hpp"

namespace signalbox::protocol {

Result<Acknowledge> read_acknowledge(const JsonReader& payload) {
  const Result<std::uint64_t> offset = payload.counter("offset");
  if (!offset) return offset.error();
  return Acknowledge{*offset};
}

}  // namespace signalbox::protocol
