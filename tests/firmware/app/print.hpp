#pragma once

#include <cstdio>
#include <cstdlib>
#include <string>

namespace signalbox::app {

/// What is printed.
class Print {
 public:
  Print() : file_{open_memstream(&text_, &size_)} {}
  Print(const Print&) = delete;
  Print& operator=(const Print&) = delete;
  ~Print() {
    std::fclose(file_);
    std::free(text_);
  }
  std::FILE* file() { return file_; }
  std::string text() {
    std::fflush(file_);
    return {text_, size_};
  }

 private:
  char* text_ = nullptr;
  std::size_t size_ = 0;
  std::FILE* file_;
};

}  // namespace signalbox::app
