#pragma once

#include <span>

#include "base/fixed_text.hpp"

namespace signalbox::hal::kernel {

/// An IPv4 or IPv6 address as text.
using AddressText = FixedText<45>;

/// The addresses by which other machines reach this one, IPv4 first: neither loopback nor those of one link
/// only (`fe80::`). Returns those that are there and fit. Before the heap is shut: the C library takes
/// memory.
std::span<AddressText> read_addresses(std::span<AddressText> into);

}  // namespace signalbox::hal::kernel
