#include "protocol/messages/reload.hpp"

namespace signalbox::protocol {

Result<Reload> read_reload(const JsonReader&) { return Reload{}; }

}  // namespace signalbox::protocol
