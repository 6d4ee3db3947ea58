#pragma once

#include <string_view>

#include "base/result.hpp"
#include "hal/attribute.hpp"

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

  /// Takes what is found that can be measured without harm; texts are valid during the call.
  class Finder {
   public:
    /// By its type, as Host::temperature takes it.
    void thermal_zone(std::string_view type) { do_thermal_zone(type); }
    /// What drivers of the operating system publish, by the name that tells it from others.
    void sensor(const AttributeSource& source) { do_sensor(source); }
    /// A line that is free and has a name of its own. `is_plain`: it is an input now and can be nothing else
    /// than a line, so that reading it changes nothing; others may be a bus's, or hold something up.
    void line(std::string_view name, bool is_plain) { do_free_line(name, is_plain); }
    /// An I2C bus. Its chips are not probed: to some of them a read is a command.
    void i2c_bus(int number) { do_i2c_bus(number); }
    /// A chip select of an SPI bus that is free. What hangs on it, if anything, cannot be asked.
    void spi_chip(int bus, int chip_select) { do_spi_chip(bus, chip_select); }
    /// A CAN interface. Which frames come there, and what they mean, only who built that bus knows.
    void can_interface(std::string_view name) { do_can_interface(name); }

   protected:
    ~Finder() = default;

   private:
    virtual void do_thermal_zone(std::string_view type) = 0;
    virtual void do_sensor(const AttributeSource& source) = 0;
    virtual void do_free_line(std::string_view name, bool is_plain) = 0;
    virtual void do_i2c_bus(int number) = 0;
    virtual void do_spi_chip(int bus, int chip_select) = 0;
    virtual void do_can_interface(std::string_view name) = 0;
  };

  void list(Listener& listener) { do_list(listener); }
  /// The same for a program: what a first device file can be made of.
  void find(Finder& finder) { do_find(finder); }
  /// Whether a line of that name is there and free. The error says what is wrong, and what would help.
  Result<void> line(std::string_view name) { return do_line(name); }
  /// Whether a PWM output of that name is there, and its files may be written.
  Result<void> pwm_output(std::string_view name) { return do_pwm_output(name); }
  /// Whether there is a serial port of that name that may be opened.
  Result<void> serial_port(std::string_view device) { return do_serial_port(device); }
  /// The same of a chip on an I2C bus: it is there if it answers a read.
  Result<void> i2c_chip(int bus, int address) { return do_i2c_chip(bus, address); }
  /// Whether there is such a chip select that may be opened.
  Result<void> spi_chip(int bus, int chip_select) { return do_spi_chip(bus, chip_select); }
  /// Whether it is published, and can be read now.
  Result<void> sensor(const AttributeSource& source) { return do_sensor(source); }
  /// Whether there is a CAN interface of that name, and up.
  Result<void> can_interface(std::string_view name) { return do_can_interface(name); }

 protected:
  ~Survey() = default;

 private:
  virtual void do_list(Listener& listener) = 0;
  virtual void do_find(Finder& finder) = 0;
  virtual Result<void> do_line(std::string_view name) = 0;
  virtual Result<void> do_pwm_output(std::string_view name) = 0;
  virtual Result<void> do_serial_port(std::string_view device) = 0;
  virtual Result<void> do_i2c_chip(int bus, int address) = 0;
  virtual Result<void> do_spi_chip(int bus, int chip_select) = 0;
  virtual Result<void> do_sensor(const AttributeSource& source) = 0;
  virtual Result<void> do_can_interface(std::string_view name) = 0;
};

}  // namespace signalbox::hal
