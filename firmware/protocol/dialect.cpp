#include "protocol/dialect.hpp"

#include "protocol/dialects/envelope.hpp"

namespace signalbox::protocol {
namespace {

constexpr Envelope kEnvelope{};

}  // namespace

const Dialect& envelope() { return kEnvelope; }

const Dialect* find_dialect(std::string_view name) { return name == kEnvelope.name() ? &kEnvelope : nullptr; }

std::string_view dialect_names() { return kEnvelope.name(); }

}  // namespace signalbox::protocol
