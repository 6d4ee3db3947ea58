#pragma once

#include <string_view>

#include "base/result.hpp"

namespace signalbox::hal {

/// Looks at what the machine offers, without moving anything. May block: nobody is served meanwhile.
class Survey {
 public:
  /// Takes what is told, a line of text each.
  class Listener {
   public:
    void tell(std::string_view line) { do_tell(line); }

   protected:
    ~Listener() = default;

   private:
    virtual void do_tell(std::string_view line) = 0;
  };

  void list(Listener& listener) { do_list(listener); }
  /// Whether a line of that name is there and free. The error says what is wrong, and what would help.
  Result<void> line(std::string_view name) { return do_line(name); }
  /// Whether a PWM output of that name is there.
  Result<void> pwm_output(std::string_view name) { return do_pwm_output(name); }
  /// Whether there is a serial port of that name that may be opened.
  Result<void> serial_port(std::string_view device) { return do_serial_port(device); }
  /// The same of a chip on an I2C bus: it is there if it answers a read.
  Result<void> i2c_chip(int bus, int address) { return do_i2c_chip(bus, address); }

 protected:
  ~Survey() = default;

 private:
  virtual void do_list(Listener& listener) = 0;
  virtual Result<void> do_line(std::string_view name) = 0;
  virtual Result<void> do_pwm_output(std::string_view name) = 0;
  virtual Result<void> do_serial_port(std::string_view device) = 0;
  virtual Result<void> do_i2c_chip(int bus, int address) = 0;
};

}  // namespace signalbox::hal
