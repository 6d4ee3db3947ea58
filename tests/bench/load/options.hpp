#pragma once
#include <string>
#include <vector>

namespace bench {

/// What the load does with its connections.
enum class Kind {
  echo,       ///< each sends a message, and the next when that is answered
  listen,     ///< they take what comes
  connect,    ///< each is opened, WebSocket included, and closed, and another follows
  handshake,  ///< the same with TLS alone
};

struct Options {
  Kind kind = Kind::echo;
  unsigned port = 0;
  unsigned connections = 1;
  bool tls12 = false;      ///< where the server has no later one
  bool resume = false;     ///< TLS sessions, by the ticket of the first one
  std::string trust;       ///< file of the certificate that the server must have (PEM)
  std::string path = "/";  ///< of the WebSocket
  std::string headers;     ///< file of further lines for the HTTP request
  std::string hello;       ///< first message of each connection
  std::string awaited;     ///< part of the message that says the server is ready
  std::string answer;      ///< part of the message that answers; of others nothing is counted
  std::vector<std::string>
      messages;  ///< sent in turns; ######## in them becomes a number that is new each time
};

/// What the command line says; what is wrong with it is thrown as std::runtime_error.
Options read_options(int count, char** words);

}  // namespace bench
