// The real link with an echo behind it, for the link's end-to-end tests.
// link_echo key=value…: address, port, cert, key, ca (files), connections, sessions, message, tls, lws
// (region bytes), handshake (s), per_address, aes=0 (as if the processor had no instructions for it),
// heap=trap. Prints "port <n>" when it serves, and its counts on SIGHUP and at its end.
#include <algorithm>
#include <array>
#include <chrono>
#include <cstdio>
#include <fstream>
#include <iterator>
#include <map>
#include <psa/crypto.h>
#include <random>
#include <string>
#include <vector>

#include "echo_door.hpp"
#include "link/signals.hpp"
#include "link/ws_server.hpp"
#include "memory/heap_trap.hpp"
#include "memory/library_heaps.hpp"

namespace {

using namespace signalbox;

std::map<std::string, std::string> arguments;

std::string argument(const std::string& name, const std::string& otherwise) {
  const auto found = arguments.find(name);
  return found != arguments.end() ? found->second : otherwise;
}

std::size_t number(const std::string& name, std::size_t otherwise) {
  return std::stoul(argument(name, std::to_string(otherwise)));
}

std::string file(const std::string& name) {
  std::ifstream in{argument(name, "")};
  return {std::istreambuf_iterator<char>{in}, {}};
}

Instant steady_now(void* /*clock*/) {
  const auto since = std::chrono::steady_clock::now().time_since_epoch();
  return Instant{std::chrono::duration_cast<Duration>(since)};
}

void print_counts(const e2e::EchoDoor& door, const memory::LibraryHeaps& heaps, const link::WsServer& server,
                  std::uint64_t passes) {
  const auto steps = [&door](session::Phase from, session::Phase to) {
    return static_cast<unsigned long long>(door.counts.steps(from, to));
  };
  using enum session::Phase;
  std::printf(
      "{\"arrived\":%llu,\"tcpTls\":%llu,\"tcpClosed\":%llu,\"tlsClosed\":%llu,\"admitted\":%llu,\"closed\":%"
      "llu,"
      "\"heard\":%llu,\"messages\":%llu,\"connections\":%zu,\"tlsBlocks\":%zu,\"lwsBlocks\":%zu,\"tlsUsed\":%"
      "zu,"
      "\"lwsUsed\":%zu,\"tlsHigh\":%zu,\"lwsHigh\":%zu,\"tlsRefused\":%llu,\"lwsRefused\":%llu,\"heapCalls\":"
      "%llu,"
      "\"passes\":%llu,\"perAddressRefused\":%llu}\n",
      static_cast<unsigned long long>(door.counts.arrived()), steps(tcp, tls), steps(tcp, closed),
      steps(tls, closed), static_cast<unsigned long long>(door.admitted),
      static_cast<unsigned long long>(door.closed), static_cast<unsigned long long>(door.heard),
      static_cast<unsigned long long>(door.messages), server.connections().used, heaps.tls().blocks_in_use(),
      heaps.lws().blocks_in_use(), heaps.tls().gauge().used, heaps.lws().gauge().used,
      heaps.tls().gauge().high_water, heaps.lws().gauge().high_water,
      static_cast<unsigned long long>(heaps.tls().gauge().refused),
      static_cast<unsigned long long>(heaps.lws().gauge().refused),
      static_cast<unsigned long long>(memory::HeapTrap::calls()), static_cast<unsigned long long>(passes),
      static_cast<unsigned long long>(server.admission().counts().too_many));
  std::fflush(stdout);
}

template <typename T>
bool told(const Result<T>& result) {
  if (!result) {
    const std::string_view detail = result.error().detail;
    std::printf("error %s: %.*s\n", wire_name(result.error().reason).data(), static_cast<int>(detail.size()),
                detail.data());
    std::fflush(stdout);
  }
  return !result.has_value();
}

int serve() {
  std::vector<std::byte> tls(number("tls", 64 << 20));
  std::vector<std::byte> lws(number("lws", 32 << 20));
  memory::LibraryHeaps heaps{tls, lws};
  heaps.install();
  const std::size_t connections = number("connections", 64);
  std::vector<link::Loop::Slot> slots(connections + 128);
  std::vector<link::Connection> places(connections);
  link::Loop loop{slots, {steady_now, nullptr}};
  if (told(loop.open())) return 1;
  link::Signals signals{loop};
  if (told(signals.open())) return 1;
  e2e::EchoDoor door{number("sessions", connections), number("message", 1 << 17), number("waiting", 1 << 19)};
  std::vector<link::Admission::Place> networks(connections + 16);
  link::WsServer server{loop, door, places, networks};
  door.connect(server.wire());

  std::string certificate = file("cert");
  std::string key = file("key");
  std::string ca = file("ca");
  link::Credentials credentials{.certificate = certificate, .key = key, .client_authority = ca};
  constexpr std::string_view kDialects[] = {"signalbox.v1", "jsonrpc"};
  link::WsServer::Options options;
  const std::string address = argument("address", "127.0.0.1");
  options.address = address;
  options.port = static_cast<std::uint16_t>(number("port", 0));
  options.profile.dialects = kDialects;
  options.credentials = certificate.empty() ? nullptr : &credentials;
  options.handshake_ms = static_cast<std::uint32_t>(1000 * number("handshake", 10));
  options.close_s = static_cast<std::uint16_t>(number("close", 5));
  options.admission.connections_per_network = static_cast<std::uint32_t>(number("per_address", 0));
  for (const std::string_view name : {"x", "localhost", "127.0.0.1"}) (void)options.site.add_host(name);
  options.aes_first = number("aes", 1) != 0;
  std::array<trust::TicketKey, 2> ticket_keys{};
  std::random_device random;
  for (trust::TicketKey& each : ticket_keys) {
    std::generate(each.name.begin(), each.name.end(), [&] { return static_cast<unsigned char>(random()); });
    std::generate(each.secret.begin(), each.secret.end(),
                  [&] { return static_cast<unsigned char>(random()); });
  }
  link::TicketSeal tickets{ticket_keys};
  options.tickets = &tickets;
  if (told(server.open(options))) return 1;
  std::printf("port %u\n", server.port());
  std::fflush(stdout);
  std::uint64_t passes = 0;
  if (argument("heap", "") == "trap") memory::HeapTrap::arm();
  while (!signals.stop_asked()) {
    const Instant now = steady_now(nullptr);
    loop.wait(now, std::min(door.step(now), server.step(now)));
    ++passes;
    if (!signals.take_reload()) continue;
    if (argument("heap", "") != "trap" && !certificate.empty()) {
      certificate = file("cert");
      key = file("key");
      (void)told(server.replace({.certificate = certificate, .key = key, .client_authority = ca}));
    }
    print_counts(door, heaps, server, passes);
  }
  memory::HeapTrap::disarm();
  if (memory::HeapTrap::calls() > 0) memory::HeapTrap::report();
  server.close();
  mbedtls_psa_crypto_free();
  print_counts(door, heaps, server, passes);
  return 0;
}

}  // namespace

int main(int count, char** words) {
  for (int i = 1; i < count; ++i) {
    const std::string word = words[i];
    const std::size_t equals = word.find('=');
    arguments[word.substr(0, equals)] = equals == std::string::npos ? "" : word.substr(equals + 1);
  }
  return serve();
}
