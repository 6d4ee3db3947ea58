#pragma once

#include "protocol/message.hpp"

namespace signalbox::protocol {

/// Takes a request of HTTP apart. It comes as a text of lines: method and path, then each parameter of the
/// query as `name=value`, nothing escaped any more, then an empty line and the body:
///
///     GET /v1/history
///     paths=cabin/#,tank/level
///     from=1763683200000
///     to=1763683260000
///
/// Parameters become the members of the message's payload, so that each is read by the reader of its message;
/// lists are separated by commas. A body is a payload itself, and may have `msgId` and `traceId` beside it.
/// Errors are those of the reader, `field` without a place in front; and `malformed` for a parameter that the
/// route has not.
Decoded read_http(std::string_view text);

}  // namespace signalbox::protocol
