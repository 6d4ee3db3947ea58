#pragma once

#include <cjson/cJSON.h>
#include <memory>
#include <string_view>

#include "base/check.hpp"

namespace signalbox::device {

/// The tree of a text that is JSON.
class Parsed {
 public:
  explicit Parsed(std::string_view text) : tree_{cJSON_ParseWithLength(text.data(), text.size())} {
    SIGNALBOX_CHECK(tree_ != nullptr);
  }
  const cJSON* top() const { return tree_.get(); }

 private:
  struct Deleter {
    void operator()(cJSON* tree) const { cJSON_Delete(tree); }
  };
  std::unique_ptr<cJSON, Deleter> tree_;
};

}  // namespace signalbox::device
